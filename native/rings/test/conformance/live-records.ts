/** The part of the suite that reads records while somebody writes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteRingWriter } from "../../src/index.ts";
import { packetMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import { type Answer, recordAnswer } from "./answers.ts";
import { Driver, type Reader } from "./driver.ts";
import { appendBySequence, hashOfSequence } from "./filling.ts";
import { fnv1a64 } from "./fnv.ts";

const RECORD_BYTES = 100;
const LONG_MS = 30_000; // an answer that comes only with this time-out is a failure

function ring(capacityBytes = 4096): ByteRingWriter {
  return ByteRingWriter.create({ name: testRingName(), capacityBytes });
}

function sequenceOf(answer: Answer): number {
  return Number((answer.record as { sequence: string } | undefined)?.sequence ?? -1);
}

/** Reads until there is nothing now: sequences, and how many were lost; every payload must be that of its sequence. */
async function readAll(driver: Driver): Promise<{ sequences: number[]; dropped: number }> {
  const sequences: number[] = [];
  let dropped = 0;
  for (let answer = await driver.ask("next"); answer.error !== "AGAIN"; answer = await driver.ask("next")) {
    const sequence = sequenceOf(answer);
    assert.equal(answer.hash, hashOfSequence(BigInt(sequence), RECORD_BYTES), JSON.stringify(answer));
    sequences.push(sequence);
    dropped += Number(answer.dropped);
  }
  return { sequences, dropped };
}

function append(writer: ByteRingWriter, from: number, to: number): void {
  for (let sequence = from; sequence <= to; sequence++) {
    appendBySequence(writer, BigInt(sequence), RECORD_BYTES);
  }
}

/** Every behaviour that a live writer of records can show. */
export function testLiveRecords(reader: Reader): void {
  test("a live record arrives with every field and every byte as written; unknown times stay unknown", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open bytes ${writer.name}`);
    assert.equal((await driver.ask("next")).error, "AGAIN");
    const metas = [
      packetMeta({ captureMonoNs: 2n ** 62n, captureWallUs: -5n, arrivalMonoNs: 7n, pts90k: -1n, dts90k: 2n ** 62n }),
      packetMeta({ key: true, discontinuity: true, streamIndex: 2 ** 32 - 1, duration90k: 2 ** 32 - 1, type: 6 }),
    ];
    for (const [i, meta] of metas.entries()) {
      writer.describe({ version: i });
      const payload = Buffer.from(`payload ${i}`);
      const sequence = writer.append(meta, payload);
      assert.deepEqual(await driver.ask("next"), {
        record: recordAnswer({ ...meta, sequence, descriptionVersion: i + 1 }, payload.length),
        dropped: "0",
        hash: fnv1a64(payload),
      });
    }
  });

  test("records that were lost to lapping are counted exactly, and all others are read once", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    append(writer, 1, 5);
    await driver.askAll(`open bytes ${writer.name}`);
    assert.equal(sequenceOf(await driver.ask("next")), 1);
    append(writer, 6, 500);
    const { sequences, dropped } = await readAll(driver);
    const oldest = sequences[0] ?? 0;
    assert.ok(oldest > 400, `the ring holds only the newest: ${oldest}`);
    assert.deepEqual(
      sequences,
      Array.from({ length: 501 - oldest }, (_, i) => oldest + i),
    );
    assert.equal(dropped, oldest - 2);
    append(writer, 501, 502);
    assert.deepEqual(await readAll(driver), { sequences: [501, 502], dropped: 0 });
  });

  test("a ring that grows while it is read is the same ring: every record comes once, from wherever the reader stood", async () => {
    const driver = Driver.shared(reader);
    const writer = ring();
    append(writer, 1, 5);
    const { incarnation } = await driver.ask(`open bytes ${writer.name}`);
    assert.equal(sequenceOf(await driver.ask("next")), 1);
    writer.grow(16_384); // the reader stands in the middle
    append(writer, 6, 60);
    assert.deepEqual(
      (await readAll(driver)).sequences,
      Array.from({ length: 59 }, (_, i) => i + 2),
    );
    const waiting = driver.ask(`wait-record ${LONG_MS}`);
    writer.grow(65_536); // the reader sleeps
    append(writer, 61, 61);
    assert.deepEqual(await waiting, {});
    assert.deepEqual(await readAll(driver), { sequences: [61], dropped: 0 });
    append(writer, 62, 300);
    writer.grow(2 ** 17);
    append(writer, 301, 301);
    assert.deepEqual((await readAll(driver)).sequences.length, 240);
    writer.grow(2 ** 18);
    append(writer, 302, 302);
    assert.equal(sequenceOf(await driver.askAll("seek 302", "next")), 302); // not known in the smaller ring
    assert.equal((await driver.ask(`open bytes ${writer.name}`)).incarnation, incarnation);
    await driver.ask("seek end");
    writer.close();
    assert.equal((await driver.ask("next")).error, "GONE");
  });

  test("seek finds the newest key record, a sequence, the oldest and the end, and what is lost from there is counted", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open bytes ${writer.name}`);
    for (let i = 1; i <= 10; i++) {
      writer.append(packetMeta({ key: i === 4 }), Buffer.from([i]));
    }
    for (const [place, sequence] of [
      ["newest-key", 4],
      ["7", 7],
      ["oldest", 1],
      ["0", 1],
    ]) {
      assert.equal(sequenceOf(await driver.askAll(`seek ${place}`, "next")), sequence, `seek ${place}`);
    }
    assert.equal((await driver.askAll("seek end", "next")).error, "AGAIN");
    append(writer, 11, 100);
    const first = await driver.ask("next");
    assert.equal(Number(first.dropped), sequenceOf(first) - 11, "the end was after record 10");
  });

  test("a waiting reader is woken by a record; TIMEOUT and GONE are told apart; what is whole is read after the end", async () => {
    const driver = Driver.shared(reader);
    const writer = ring();
    await driver.askAll(`open bytes ${writer.name}`);
    assert.equal((await driver.ask("wait-record 20")).error, "TIMEOUT");
    const waiting = driver.ask(`wait-record ${LONG_MS}`);
    writer.describe({ camera: "porch" });
    append(writer, 1, 1);
    assert.deepEqual(await waiting, {});
    append(writer, 2, 2);
    writer.close();
    assert.deepEqual(await driver.ask(`wait-record ${LONG_MS}`), {});
    assert.equal(sequenceOf(await driver.ask("next")), 1);
    assert.equal(sequenceOf(await driver.ask("next")), 2);
    assert.equal((await driver.ask(`wait-record ${LONG_MS}`)).error, "GONE");
    assert.equal((await driver.ask("next")).error, "GONE");
  });
}
