/** The part of the suite in which writers are killed and started again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { testRingName } from "../support/ring-names.ts";
import type { Answer } from "./answers.ts";
import { Driver, type Reader, WRITER } from "./driver.ts";
import { appendBySequence, hashOfSequence, publishBySequence } from "./filling.ts";

const FRAME_BYTES = 4096;
const FAR = 2n ** 50n;
const LONG_MS = 30_000; // an answer that comes only with this time-out is a failure

/** Waits until a process has a ring mapped: from then on it reads that ring to its end. The test's time-out is the watchdog. */
async function untilMapped(driver: Driver, name: string): Promise<void> {
  while (!readFileSync(`/proc/${driver.pid}/maps`, "utf8").includes(`/dev/shm/${name}\n`)) {
    await systemClock.sleep(1);
  }
}

/** A follower's sequences rise, except where it went over to the next writer's ring: once. */
function assertReopenedOnce(answer: Answer): void {
  const sequences = (answer.sequences as string[]).map(Number);
  const falls = sequences.filter((sequence, i) => sequence <= (sequences[i - 1] ?? 0));
  assert.deepEqual([falls.length, answer.reopened], [1, 1], JSON.stringify(answer));
}

/** Every behaviour that a writer's death and return can show. */
export function testCrashes(reader: Reader): void {
  test("a writer killed with SIGKILL is GONE to who waits, and its last frame can still be read", async () => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`slots ${name} 3 ${FRAME_BYTES}`, `write 5 ${FRAME_BYTES}`);
    await driver.askAll(`open slots ${name}`);
    const waiting = driver.ask(`wait ${FAR} ${LONG_MS}`);
    await writer.kill();
    assert.equal((await waiting).error, "GONE");
    assert.equal((await driver.ask("copy 0")).hash, hashOfSequence(5n, FRAME_BYTES));
    assert.equal((await driver.ask("copy 5")).error, "GONE");
    assert.equal((await driver.ask("lease 5")).error, "GONE");
  });

  test("a writer killed in the middle of its work leaves whole records, then GONE", async () => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`bytes ${name} 65536`, "hammer 1000");
    await driver.askAll(`open bytes ${name}`, `wait-record ${LONG_MS}`);
    await systemClock.sleep(50);
    await writer.kill();
    let records = 0;
    let answer = await driver.ask("next");
    for (; answer.error === undefined; answer = await driver.ask("next")) {
      const { sequence } = answer.record as { sequence: string };
      assert.equal(answer.hash, hashOfSequence(BigInt(sequence), 1000));
      records += 1;
    }
    assert.equal(answer.error, "GONE");
    assert.ok(records > 10, `${records} records`);
  });

  test("a lease of a killed writer's frame stays as it was after the next writer has taken the name and written", async () => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`slots ${name} 3 ${FRAME_BYTES}`, `write 5 ${FRAME_BYTES}`);
    const { incarnation } = await driver.ask(`open slots ${name}`);
    const leased = await driver.ask("lease 0");
    await writer.kill();
    using heir = SlotRingWriter.create({ name, slots: 3, slotBytes: FRAME_BYTES });
    for (let sequence = 1n; sequence <= 20n; sequence++) {
      publishBySequence(heir, sequence, FRAME_BYTES);
    }
    assert.equal(leased.hash, hashOfSequence(5n, FRAME_BYTES));
    assert.equal((await driver.ask(`lease-hash ${leased.lease}`)).hash, leased.hash);
    assert.equal((await driver.ask("copy 5")).error, "GONE", "the old ring is told apart from the new");
    const reopened = await driver.ask(`open slots ${name}`);
    assert.notEqual(reopened.incarnation, incarnation);
    assert.equal((await driver.ask("copy 0")).hash, hashOfSequence(20n, FRAME_BYTES));
    assert.equal((await driver.ask(`lease-hash ${leased.lease}`)).hash, leased.hash);
    await driver.askAll(`release ${leased.lease}`);
  });

  test("who follows frames goes over to the next writer by itself, whether the first one closed or was killed", async () => {
    for (const ends of ["close", "kill"]) {
      const driver = Driver.shared(reader);
      const [first, second] = [Driver.start(WRITER), Driver.start(WRITER)];
      const name = testRingName();
      await first.askAll(`slots ${name} 3 ${FRAME_BYTES}`, `write 9000 ${FRAME_BYTES}`);
      const following = driver.ask(`follow-frames ${name} 12 ${LONG_MS}`);
      await untilMapped(driver, name);
      await (ends === "close" ? first.askAll("close") : first.kill());
      await second.askAll(`slots ${name} 3 ${FRAME_BYTES}`);
      const done = new AbortController();
      const writing = (async () => {
        while (!done.signal.aborted) {
          // so few that their sequences stay below those of the first writer
          await second.ask(`write 1 ${FRAME_BYTES}`);
          await systemClock.sleep(2);
        }
      })();
      const answer = await following.finally(() => done.abort());
      await writing;
      assertReopenedOnce(answer);
      await second.kill();
    }
  });

  test("who follows records reads each of the first writer's, then each of the next one's, and none twice", async () => {
    const driver = Driver.shared(reader);
    const first = Driver.start(WRITER);
    const name = testRingName();
    await first.askAll(`bytes ${name} 65536`, "write 20 100");
    const following = driver.ask(`follow-records ${name} 30 ${LONG_MS}`);
    await untilMapped(driver, name);
    await first.kill();
    await systemClock.sleep(300); // several attempts to reopen find the dead writer's ring
    using second = ByteRingWriter.create({ name, capacityBytes: 65_536 });
    for (let sequence = 1n; sequence <= 10n; sequence++) {
      appendBySequence(second, sequence, 100);
    }
    const answer = await following;
    const counting = (end: number) => Array.from({ length: end }, (_, i) => String(i + 1));
    assert.deepEqual(answer.sequences, [...counting(20), ...counting(10)]);
    assertReopenedOnce(answer);
  });

  test("who follows waits for a ring that is not there yet", async () => {
    const driver = Driver.shared(reader);
    const name = testRingName();
    const following = driver.ask(`follow-records ${name} 2 ${LONG_MS}`);
    await systemClock.sleep(150); // at least one look finds nothing
    using writer = ByteRingWriter.create({ name, capacityBytes: 4096 });
    appendBySequence(writer, 1n, 100);
    appendBySequence(writer, 2n, 100);
    const { sequences, reopened } = await following;
    assert.deepEqual([sequences, reopened], [["1", "2"], 0]);
  });

  test("following a name that no ring has is a TIMEOUT", async () => {
    const driver = Driver.shared(reader);
    assert.equal((await driver.ask(`follow-frames ${testRingName()} 1 50`)).error, "TIMEOUT");
    assert.equal((await driver.ask(`follow-records ${testRingName()} 1 50`)).error, "TIMEOUT");
  });
}
