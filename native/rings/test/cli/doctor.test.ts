import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { listRings, ringReaders, SlotRingReader, SlotRingWriter } from "../../src/index.ts";
import { type Child, nextLine, startProgram } from "../support/child.ts";
import { publishGray } from "../support/frames.ts";
import { leftovers, testRingName } from "../support/ring-names.ts";
import { runTool } from "../support/tool.ts";

type Finding = { kind: string; name: string; bytes: number; outcome: string };

async function findings(...args: string[]): Promise<{ code: number | null; found: Finding[] }> {
  const { code, stdout, stderr } = await runTool("doctor", ...args, "--json");
  assert.equal(stderr, "");
  return { code, found: JSON.parse(stdout.toString()) as Finding[] };
}

async function started(kind: "slots" | "bytes", name: string): Promise<Child> {
  const writer = startProgram("writer-program.ts", kind, name, "5");
  await nextLine(writer);
  return writer;
}

test("doctor tells what kill -9 left, removes it when told to, and never the living beside it", async () => {
  const prefix = testRingName();
  const killed = [await started("slots", `${prefix}.frames`), await started("bytes", `${prefix}.packets`)];
  using living = SlotRingWriter.create({ name: `${prefix}.living`, slots: 3, slotBytes: 4096 });
  using reader = SlotRingReader.open(living.name);
  publishGray(living, 10, 10, 1);
  const lease = reader.leaseNewest();
  await Promise.all(killed.map((writer) => writer.kill()));
  const told = await findings(prefix);
  assert.equal(told.code, 1);
  assert.deepEqual(
    told.found.map(({ kind, name, outcome }) => [kind, name, outcome]),
    [
      ["dead-ring", `${prefix}.frames`, "left"],
      ["dead-ring", `${prefix}.packets`, "left"],
    ],
  );
  assert.ok(told.found.every(({ bytes }) => bytes > 256 * 1024));
  assert.equal(listRings(prefix).length, 3, "telling removes nothing");
  const removed = await findings(prefix, "--remove");
  assert.equal(removed.code, 0);
  assert.deepEqual(
    removed.found.map(({ outcome }) => outcome),
    ["removed", "removed"],
  );
  assert.deepEqual(
    leftovers()
      .filter((name) => name.startsWith(prefix))
      .toSorted(),
    [living.name, `${living.name}.leases`],
  );
  publishGray(living, 10, 10, 2);
  assert.equal(reader.leaseNewest(1n)?.frame.sequence, 2n);
  assert.equal(ringReaders(living.name)[0]?.alive, true);
  lease?.release();
  const again = await runTool("doctor", prefix);
  assert.equal(again.stdout.toString(), "Nothing is left behind\n");
  assert.equal(again.code, 0);
});

test("doctor gives back the leases of dead readers and leaves those of the living", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 4, slotBytes: 4096 });
  publishGray(writer, 10, 10, 1);
  const lessee = startProgram("lessee-program.ts", writer.name);
  assert.equal(await nextLine(lessee), "leased 1");
  using reader = SlotRingReader.open(writer.name);
  const lease = reader.leaseNewest();
  assert.deepEqual(await findings(writer.name), { code: 0, found: [] });
  await lessee.kill();
  const told = await findings(writer.name);
  assert.equal(told.code, 1);
  assert.deepEqual(
    told.found.map(({ kind, outcome }) => [kind, outcome]),
    [["dead-readers", "left"]],
  );
  assert.equal((await findings(writer.name, "--remove")).code, 0);
  assert.deepEqual(
    ringReaders(writer.name).map(({ pid, leasedSlots }) => [pid, leasedSlots !== 0n]),
    [[process.pid, true]],
  );
  lease?.release();
});

test("doctor removes a lease object without a ring, but not while a reader sits in it", async () => {
  const name = testRingName();
  const writer = await started("slots", name);
  const reader = SlotRingReader.open(name);
  await writer.kill();
  rmSync(`/dev/shm/${name}`);
  assert.deepEqual(await findings(name, "--remove"), { code: 0, found: [] });
  reader.close();
  const { code, found } = await findings(name, "--remove");
  assert.equal(code, 0);
  assert.deepEqual(
    found.map(({ kind, outcome, bytes }) => [kind, outcome, bytes]),
    [["orphaned-leases", "removed", 4096]],
  );
  assert.ok(!existsSync(`/dev/shm/${name}.leases`) && !existsSync(`/dev/shm/${name}`));
});

test("what is no ring is not doctor's: it is neither told nor touched", async () => {
  const prefix = testRingName();
  writeFileSync(`/dev/shm/${prefix}.note`, "somebody's file");
  writeFileSync(`/dev/shm/${prefix}.other.leases`, Buffer.alloc(4096, 7));
  assert.deepEqual(await findings(prefix, "--remove"), { code: 0, found: [] });
  assert.ok(existsSync(`/dev/shm/${prefix}.note`) && existsSync(`/dev/shm/${prefix}.other.leases`));
});

test("a ring whose header does not fit its size is left, and said to be", async () => {
  const name = testRingName();
  const header = Buffer.alloc(8192);
  header.write("LTNRING\0", "latin1");
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(1, 12);
  writeFileSync(`/dev/shm/${name}`, header);
  const { code, stdout } = await runTool("doctor", name, "--remove");
  assert.equal(code, 1);
  assert.match(stdout.toString(), /^left: dead ring/);
  assert.ok(existsSync(`/dev/shm/${name}`));
});

test("two doctors at once, beside writers that come: all that was dead goes, all that lives stays", async () => {
  const prefix = testRingName();
  const dead = await Promise.all([1, 2, 3, 4].map((i) => started("slots", `${prefix}.dead.${i}`)));
  using living = SlotRingWriter.create({ name: `${prefix}.living`, slots: 3, slotBytes: 4096 });
  await Promise.all(dead.map((writer) => writer.kill()));
  const [first, second, heir] = await Promise.all([
    findings(prefix, "--remove"),
    findings(prefix, "--remove"),
    started("slots", `${prefix}.dead.1`), // a new writer takes the name of a dead ring, whoever comes first
  ]);
  assert.equal(first.code, 0);
  assert.equal(second.code, 0);
  const known = ["removed", "not-there", "in-use"];
  assert.ok([...first.found, ...second.found].every(({ outcome }) => known.includes(outcome)));
  assert.deepEqual(
    listRings(prefix).map(({ name, alive }) => [name, alive]),
    [
      [`${prefix}.dead.1`, true],
      [living.name, true],
    ],
  );
  publishGray(living, 10, 10, 1);
  await heir.kill();
});

test("a wrong option of doctor ends with 64", async () => {
  assert.equal((await runTool("doctor", "--delete")).code, 64);
  assert.equal((await runTool("doctor", "a", "b")).code, 64);
});
