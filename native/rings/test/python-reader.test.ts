/** What of the Python reader is Python's alone; what all readers do is in conformance/. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ByteRingWriter, PIXEL_FORMATS, SlotRingReader, SlotRingWriter } from "../src/index.ts";
import { pythonReader } from "./conformance/driver.ts";
import { testRecordedVectors } from "./conformance/recorded.ts";
import { removeRing } from "./conformance/ring-image.ts";
import { readVectors } from "./conformance/vector.ts";
import { nextLine, startCommand, startProgram } from "./support/child.ts";
import { publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

const PYTHON = "/usr/bin/python3";
const PATH_PYTHON = "python3";
const reader = fileURLToPath(new URL("../readers/python/lanthorn_rings.py", import.meta.url));
const driver = fileURLToPath(new URL("conformance/drivers/python.py", import.meta.url));
const numpyChecks = fileURLToPath(new URL("support/numpy_checks.py", import.meta.url));
const elsewhere = mkdtempSync(`${tmpdir()}/lanthorn-python-`);

after(() => rmSync(elsewhere, { recursive: true }));

function python(...args: string[]) {
  return startCommand(PYTHON, ["-B", ...args], elsewhere);
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

const withNumpy = [PYTHON, PATH_PYTHON].filter((command) => succeeds(command, "-c", "import numpy"));

test("watch, from another directory, says shape, sequence and latency of live frames, across a new writer", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "10");
  await nextLine(writer);
  const watch = python(reader, "watch", name, "--seconds", "60");
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
  await writer.kill();
  using heir = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
  publishGray(heir, 10, 10, 1);
  let line = await nextLine(watch);
  while (!line.includes("shape 10x10")) {
    line = await nextLine(watch); // what the first writer wrote last
  }
  assert.match(line, /^sequence 1 {2}shape 10x10 {2}gray {2}100 bytes/);
  await watch.kill();
});

test("ls lists rings with their writers and the frames they had to drop", async () => {
  using slots = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using bytes = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using other = SlotRingReader.open(slots.name);
  const leases = [1, 2].map((value) => {
    publishGray(slots, 10, 10, value);
    return other.leaseNewest();
  });
  publishGray(slots, 10, 10, 3);
  for (let i = 0; i < 5; i++) {
    assert.throws(() => slots.reserve(), { code: "RING_BUSY" });
  }
  const ls = python(reader, "ls", slots.name.slice(0, -2));
  const text: string[] = [];
  for (let line = await ls.lines.next(); line.done !== true; line = await ls.lines.next()) {
    text.push(line.value);
  }
  assert.equal(await ls.ended, 0);
  assert.match(text.join("\n"), new RegExp(`^${slots.name} +slots +${process.pid} yes +[\\d.]+ +3 +5$`, "m"));
  assert.match(text.join("\n"), new RegExp(`^${bytes.name} +bytes +${process.pid} yes +[\\d.]+ +0 +-$`, "m"));
  for (const lease of leases) {
    lease?.release();
  }
});

test("the reader has the syntax of Python 3.6, and uses nothing but the standard library", () => {
  const program = `
import ast, sys
for path in sys.argv[1:]:
    source = open(path, encoding="utf-8").read()
    tree = ast.parse(source, path, feature_version=(3, 6))
    names = {n.names[0].name if isinstance(n, ast.Import) else n.module for n in ast.walk(tree)
             if isinstance(n, (ast.Import, ast.ImportFrom))}
    foreign = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"lanthorn_rings"}
    assert foreign <= {"numpy"}, foreign
    newer = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & {
        "removeprefix", "removesuffix", "fromisoformat", "dataclass", "run_until", "cached_property", "prod", "isascii"}
    assert not newer, newer
    assert not any(isinstance(n, ast.FormattedValue) for n in ast.walk(tree)), "f-strings say = and nest since 3.8 and 3.12"
`;
  const run = spawnSync(PYTHON, ["-c", program, reader, driver], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
});

describe("under Python 3.6 itself", { skip: succeeds("python3.6", "--version") ? false : "no python3.6 here" }, () => {
  testRecordedVectors(pythonReader("python3.6"));
});

describe("with numpy", { skip: withNumpy.length > 0 ? false : "NOT TESTED: no Python here has numpy" }, () => {
  for (const command of withNumpy) {
    testRecordedVectors(pythonReader(command));

    test(`${command}: arrays of every pixel format are views of the very bytes, copied, looked at or leased`, () => {
      const names = readVectors()
        .filter(({ name }) => PIXEL_FORMATS.some((format) => name === `frame-${format}`))
        .map(({ image }) => {
          const name = testRingName();
          image.restore(name);
          return name;
        });
      const run = spawnSync(command, ["-B", numpyChecks, ...names], { encoding: "utf8" });
      names.forEach(removeRing);
      assert.equal(run.status, 0, run.stderr);
      assert.equal(Object.keys(JSON.parse(run.stdout)).length, PIXEL_FORMATS.length);
    });
  }
});

test("a ring that nobody closed is closed when it is forgotten, and its seat is free again", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  publishGray(writer, 10, 10, 1);
  const program = `
import sys
sys.path.insert(0, sys.argv[1])
import lanthorn_rings
for _ in range(70):
    lanthorn_rings.SlotRing(sys.argv[2]).lease_newest()
with lanthorn_rings.SlotRing(sys.argv[2]).lease_newest() as frame:
    assert bytes(frame.data) == bytes([1] * 100)
`;
  const run = spawnSync(PYTHON, ["-B", "-c", program, dirname(reader), writer.name], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
});

test("follow leases each frame for one turn, ends when nothing comes, can be called again, and ends with its ring", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  publishGray(writer, 10, 10, 7);
  const program = `
import sys
sys.path.insert(0, sys.argv[1])
import lanthorn_rings
with lanthorn_rings.open_ring(sys.argv[2], wait_s=10) as ring:
    frames = []
    for frame in ring.follow(timeout_s=0.05, lease=True):
        assert bytes(frame.data) == bytes([7] * 100) and frame.is_whole()
        frames.append(frame)
    assert len(frames) == 1 and not frames[0].is_whole(), "its turn is over"
    assert list(ring.follow(timeout_s=0.05)) == [], "not twice"
with lanthorn_rings.open_ring(sys.argv[2]) as ring:
    for frame in ring.follow(lease=True):
        ring.close()
        assert bytes(frame.data) == bytes([7] * 100), "a lease outlives its ring"
    try:
        ring.copy_newest()
        raise SystemExit("a closed ring was read")
    except lanthorn_rings.RingError as error:
        assert "closed" in str(error), error
`;
  const run = spawnSync(PYTHON, ["-B", "-c", program, dirname(reader), writer.name], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  assert.equal(writer.readers(), 0);
});
