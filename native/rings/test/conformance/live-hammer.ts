/** The part of the suite in which a writer never pauses: what is handed out is whole all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testRingName } from "../support/ring-names.ts";
import { Driver, type Reader, WRITER } from "./driver.ts";
import { hashOfSequence, hashOfSparse } from "./filling.ts";

const FRAME_BYTES = 4096;
const SPARSE_BYTES = 256 * 1024; // read many times slower than written: nearly every copy is overtaken
const LARGE_RECORD_BYTES = 30_000; // two fill the ring: the oldest is always being overwritten
const ROUNDS = 150;

/** Every behaviour that a writer without pauses can show. */
export function testHammering(reader: Reader): void {
  test("a writer that writes as fast as it can never makes a reader return a torn frame", async () => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`slots ${name} 3 ${FRAME_BYTES}`, `write 1 ${FRAME_BYTES}`);
    await driver.askAll(`open slots ${name}`);
    await writer.ask(`hammer ${FRAME_BYTES}`);
    const tally = { copy: 0, lease: 0, whole: 0, overtaken: 0 };
    let newest = 0;
    for (let round = 0; round < 150; round++) {
      for (const way of reader.canPeek ? (["copy", "lease", "whole"] as const) : (["copy", "lease"] as const)) {
        const looked = way === "whole" ? await driver.ask("peek 0") : undefined;
        const answer = { ...looked, ...(await driver.ask(way === "whole" ? "whole" : `${way} 0`)) };
        if (answer.error !== undefined || answer.whole === false) {
          assert.ok(answer.error === undefined || answer.error === "TORN", JSON.stringify(answer));
          tally.overtaken += 1;
          continue;
        }
        const sequence = Number((answer.frame as { sequence: string }).sequence);
        assert.equal(answer.hash, hashOfSequence(BigInt(sequence), FRAME_BYTES), `${way} of ${JSON.stringify(answer)}`);
        assert.ok(sequence >= newest, "frames do not run backwards");
        newest = sequence;
        tally[way] += 1;
        if (way === "lease") {
          await driver.askAll(`release ${answer.lease}`);
        }
      }
    }
    const { overtaken: _, whole, ...kept } = tally;
    assert.ok(Math.min(...Object.values(kept)) > 20 && (whole > 0 || !reader.canPeek), JSON.stringify(tally));
    assert.ok(newest > 150, "the writer wrote meanwhile");
    await writer.kill();
  });

  test("a frame that is overwritten during the copy is copied anew, or TORN", async (t) => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`slots ${name} 3 ${SPARSE_BYTES}`, `sparse ${SPARSE_BYTES}`);
    await driver.askAll(`open slots ${name}`, "wait 0 30000");
    const tally = { whole: 0, torn: 0 };
    for (let round = 0; round < 40; round++) {
      const answer = await driver.ask("copy 0");
      if (answer.error === "TORN") {
        tally.torn += 1;
        continue;
      }
      const { sequence } = answer.frame as { sequence: string };
      assert.equal(answer.hash, hashOfSparse(BigInt(sequence), SPARSE_BYTES), `frame ${sequence} is torn`);
      tally.whole += 1;
    }
    t.diagnostic(`${reader.name}: ${JSON.stringify(tally)}`);
    await writer.kill();
  });

  test("a record that is overwritten during the copy is lost and counted, or TORN", async (t) => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`bytes ${name} 65536`, `hammer ${LARGE_RECORD_BYTES}`);
    await driver.askAll(`open bytes ${name}`, "wait-record 30000");
    const tally = { whole: 0, dropped: 0, torn: 0, nothing: 0 };
    let expected = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const answer = await driver.ask("next");
      if (answer.error !== undefined) {
        assert.ok(["TORN", "AGAIN"].includes(answer.error), JSON.stringify(answer));
        tally[answer.error === "TORN" ? "torn" : "nothing"] += 1;
        continue;
      }
      const sequence = Number((answer.record as { sequence: string }).sequence);
      assert.equal(answer.hash, hashOfSequence(BigInt(sequence), LARGE_RECORD_BYTES), `record ${sequence} is torn`);
      assert.ok(expected === 0 || sequence === expected + Number(answer.dropped), `${sequence}, ${expected}`);
      expected = sequence + 1;
      tally.whole += 1;
      tally.dropped += Number(answer.dropped);
    }
    t.diagnostic(`${reader.name}: ${JSON.stringify(tally)}`);
    assert.ok(tally.whole > 0 && tally.dropped > 0, JSON.stringify(tally));
    await writer.kill();
  });

  test("a description that changes without pause is read whole, or TORN", async () => {
    const driver = Driver.shared(reader);
    const writer = Driver.start(WRITER);
    const name = testRingName();
    await writer.askAll(`bytes ${name} 4096`, "describe-hammer");
    await driver.askAll(`open bytes ${name}`);
    const seen = new Set<string>();
    for (let round = 0; round < 20 * ROUNDS; round++) {
      const answer = await driver.ask("description");
      if (answer.error === undefined && answer.hex !== "") {
        const { text } = JSON.parse(Buffer.from(String(answer.hex), "hex").toString()) as { text: string };
        assert.equal(text, (text[0] ?? "").repeat(text.length));
        seen.add(text[0] ?? "");
      } else {
        assert.equal(answer.error ?? "TORN", "TORN");
      }
    }
    assert.ok(seen.size > 1, "it changed meanwhile");
    await writer.kill();
  });
}
