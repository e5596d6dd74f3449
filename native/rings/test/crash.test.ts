import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ByteRingReader, ByteRingWriter, listRings, SlotRingReader, SlotRingWriter } from "../src/index.ts";
import { nextLine, startProgram } from "./support/child.ts";
import { isUniform, publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

test("two reader processes hammer a writing process: nothing torn, nothing backwards", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "0");
  await nextLine(writer);
  const readers = [1, 2].map(() => startProgram("reader-program.ts", name, "1500"));
  for (const reader of readers) {
    const tally = JSON.parse(await nextLine(reader));
    assert.ok(tally.copies > 10 && tally.leases > 10, JSON.stringify(tally));
    assert.equal(tally.torn, 0);
    assert.equal(tally.backwards, 0);
    assert.equal(await reader.ended, 0);
  }
  await writer.kill();
});

test("a killed writer: a waiting reader sees gone, its lease stays readable, a new writer takes the name", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "5");
  await nextLine(writer);
  using reader = SlotRingReader.open(name);
  const lease = reader.leaseNewest();
  assert.ok(lease);
  assert.throws(() => SlotRingWriter.create({ name, slots: 3, slotBytes: 100 }), { code: "RING_EXISTS" });
  const waiting = reader.wait(2n ** 40n, -1);
  await writer.kill();
  assert.equal(await waiting, "gone");
  assert.equal(listRings(name)[0]?.alive, false);
  using heir = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
  publishGray(heir, 10, 10, 1);
  assert.ok(isUniform(lease.bytes));
  lease.release();
  using reopened = SlotRingReader.open(name);
  assert.equal(reopened.leaseNewest()?.frame.widthPx, 10);
});

test("a writer killed in the middle of its work leaves a byte ring whose every record is whole", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "bytes", name, "0");
  await nextLine(writer);
  await setTimeout(200);
  await writer.kill();
  using reader = ByteRingReader.open(name);
  let records = 0;
  assert.throws(
    () => {
      for (let record = reader.next(); ; record = reader.next()) {
        assert.ok(record, "a dead writer's ring ends with RING_GONE, not with silence");
        assert.ok(isUniform(record.payload));
        records += 1;
      }
    },
    { code: "RING_GONE" },
  );
  assert.ok(records > 0);
  using heir = ByteRingWriter.create({ name, capacityBytes: 4096 });
  assert.equal(listRings(heir.name)[0]?.alive, true);
});

test("a killed lessee's slot is taken back; while it lives the writer goes round it", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  publishGray(writer, 10, 10, 1);
  const lessee = startProgram("lessee-program.ts", writer.name);
  assert.equal(await nextLine(lessee), "leased 1");
  publishGray(writer, 10, 10, 2);
  const only = writer.reserve();
  assert.throws(() => writer.reserve(), { code: "RING_BUSY" });
  await lessee.kill();
  const second = writer.reserve();
  assert.notEqual(second.index, only.index);
});

test("too small a /dev/shm is a clear refusal that names ring and bytes missing, never a bus error", (t) => {
  // Rings of 3 MiB in a /dev/shm of 8 MiB, in a mount namespace of its own.
  const program = fileURLToPath(new URL("support/small-shm-program.ts", import.meta.url));
  const script = 'mount -t tmpfs -o size=8m tmpfs /dev/shm && exec "$0" "$1"';
  const run = spawnSync("unshare", ["-m", "sh", "-c", script, process.execPath, program], { encoding: "utf8" });
  if (run.error !== undefined || /unshare|mount/.test(run.stderr)) {
    t.skip(`NOT TESTED, this user may not mount a small /dev/shm: ${run.stderr || run.error?.message}`);
    return;
  }
  assert.equal(run.status, 0, run.stderr);
  const result = JSON.parse(run.stdout);
  assert.equal(result.made, 2);
  assert.equal(result.code, "RING_NO_SPACE");
  assert.match(
    result.message,
    /^Ring small\.2 needs 31\d{5} bytes of \/dev\/shm and \d+ are free: \d+ bytes missing\./,
  );
  assert.equal(result.madeAfterClose, true, "what a closed ring gave back can be used");
  assert.equal(result.replacedDead, true, "a dead ring's memory serves its heir, even when there is no room for both");
});
