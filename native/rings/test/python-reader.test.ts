import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ByteRingWriter, SlotRingWriter } from "../src/index.ts";
import { nextLine, startCommand, startProgram } from "./support/child.ts";
import { appendFilled, packetMeta, publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

const PYTHON = "/usr/bin/python3";
const reader = fileURLToPath(new URL("../readers/python/lanthorn_rings.py", import.meta.url));
const checks = fileURLToPath(new URL("support/python_checks.py", import.meta.url));
const elsewhere = mkdtempSync(`${tmpdir()}/lanthorn-python-`);

function python(...args: string[]) {
  return startCommand(PYTHON, ["-B", ...args], elsewhere);
}

test("python watch, from another directory, says shape, sequence and latency of live frames", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "10");
  await nextLine(writer);
  const watch = python(reader, "watch", name, "--seconds", "20");
  const lines = [await nextLine(watch), await nextLine(watch), await nextLine(watch)];
  const facts = lines.map((line) =>
    /^sequence (\d+) {2}shape 240x320 {2}gray {2}76800 bytes {2}latency ([\d.]+) ms/.exec(line),
  );
  assert.ok(
    facts.every((fact) => fact !== null),
    lines.join("\n"),
  );
  assert.ok(facts.every((fact) => Number(fact[2]) >= 0));
  assert.ok(Number(facts[2]?.[1]) > Number(facts[0]?.[1]));
  await watch.kill();
  await writer.kill();
});

test("python ls lists rings with their writers", async () => {
  using slots = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using bytes = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  const ls = python(reader, "ls", slots.name.slice(0, -2));
  const text: string[] = [];
  for (let line = await ls.lines.next(); line.done !== true; line = await ls.lines.next()) {
    text.push(line.value);
  }
  assert.equal(await ls.ended, 0);
  assert.match(text.join("\n"), new RegExp(`^${slots.name} +slots +${process.pid} yes`, "m"));
  assert.match(text.join("\n"), new RegExp(`^${bytes.name} +bytes +${process.pid} yes`, "m"));
});

test("python reads records with every field, counts losses and sees the writer go", async () => {
  const writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  writer.describe({ note: "äöü" });
  writer.append(packetMeta({ pts90k: -7n, duration90k: 3600, key: true, streamIndex: 2 }), Buffer.from("hello"));
  const checking = python(checks, "records", writer.name);
  assert.equal(await nextLine(checking), "first hello -7 None 3600 True 2 1 packet äöü");
  for (let i = 2; i <= 300; i++) {
    appendFilled(writer, 100, i);
  }
  writer.close();
  const [, read, dropped] = /^read (\d+) dropped (\d+)$/.exec(await nextLine(checking)) ?? [];
  assert.equal(Number(read) + Number(dropped), 299);
  assert.ok(Number(dropped) > 0);
  assert.equal(await checking.ended, 0);
});

test("python hammers live frames by copy, look and lease: nothing torn is returned", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "0");
  await nextLine(writer);
  const checking = python(checks, "hammer", name, "1.5");
  const tally = JSON.parse(await nextLine(checking));
  assert.equal(tally.torn, 0, JSON.stringify(tally));
  assert.ok(tally.copies > 10 && tally.leases > 10 && tally.looks > 10, JSON.stringify(tally));
  assert.equal(await checking.ended, 0);
  await writer.kill();
});

test("a python lease holds a slot, and a killed python gives it back", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  publishGray(writer, 10, 10, 1);
  const lessee = python(checks, "lease", writer.name);
  assert.equal(await nextLine(lessee), "leased 1");
  assert.equal(writer.readers(), 1);
  publishGray(writer, 10, 10, 2);
  writer.reserve();
  assert.throws(() => writer.reserve(), { code: "RING_BUSY" });
  await lessee.kill();
  writer.reserve();
});

test("python answers hostile bytes with RingCorrupt and never ends otherwise", async () => {
  using slots = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 4096 });
  publishGray(slots, 64, 64, 1);
  using bytes = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  for (let i = 0; i < 20; i++) {
    appendFilled(bytes, 50 + i, i);
  }
  const checking = python(checks, "hostile", slots.name, bytes.name);
  const tally = JSON.parse(await nextLine(checking));
  assert.equal(await checking.ended, 0);
  assert.ok(tally.refused > 50, JSON.stringify(tally));
});
