import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteRingWriter, describeAudio, SlotRingReader, SlotRingWriter } from "../../src/index.ts";
import { nextLine, startProgram } from "../support/child.ts";
import { appendFilled, publishGray } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import { runInTerminal, runTool } from "../support/tool.ts";

const cells = (line: string | undefined) => (line ?? "").trim().split(/ {2,}/);

test("ls tells name, kind, writer, format, size, sequence, age, losses and who leases", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 4, slotBytes: 640 * 480 });
  using reader = SlotRingReader.open(writer.name);
  for (let i = 0; i < 3; i++) {
    publishGray(writer, 640, 480, i);
  }
  const lease = reader.leaseNewest();
  const { code, stdout } = await runTool("ls", writer.name);
  const [head, row, ...more] = stdout.toString().trimEnd().split("\n");
  assert.deepEqual(more, []);
  assert.deepEqual(cells(head), ["RING", "KIND", "WRITER", "FORMAT", "SIZE", "SEQUENCE", "AGE", "BUSY", "READERS"]);
  const [name, kind, who, format, size, sequence, age, busy, readers] = cells(row);
  assert.deepEqual(
    [name, kind, format, size, sequence, busy],
    [writer.name, "slots", "640x480 gray", "4×300 KiB", "3", "0"],
  );
  assert.equal(who, `node(${process.pid})`);
  assert.equal(readers, `node(${process.pid})×1`);
  assert.match(age ?? "", /^\d+(\.\d)? (ms|s)$/);
  assert.equal(code, 0);
  lease?.release();
});

test("ls --json has every fact, of byte rings and of what a killed writer left", async () => {
  const prefix = testRingName();
  using sound = ByteRingWriter.create({ name: `${prefix}.sound`, capacityBytes: 8192 });
  sound.describe(describeAudio({ sensor: "test", codec: "pcm_s16le", sampleRateHz: 48_000, channels: 2 }));
  appendFilled(sound, 100, 1);
  const killed = startProgram("writer-program.ts", "slots", `${prefix}.killed`, "5");
  await nextLine(killed);
  await killed.kill();
  using silent = SlotRingWriter.create({ name: `${prefix}.silent`, slots: 3, slotBytes: 4096 });
  const { stdout, code } = await runTool("ls", prefix, "--json");
  const rings = JSON.parse(stdout.toString()) as Record<string, unknown>[];
  assert.deepEqual(
    rings.map(({ name }) => name),
    [`${prefix}.killed`, silent.name, sound.name].toSorted(),
  );
  const of = (name: string) => rings.find((ring) => ring.name === name) ?? {};
  assert.equal(of(sound.name).format, "pcm_s16le 48 kHz ×2");
  assert.equal(of(sound.name).kind, "bytes");
  assert.equal(of(sound.name).usedBytes, 256); // 128 of head, 100 of payload, rounded up to 64
  assert.ok(typeof of(sound.name).ageMs === "number");
  assert.equal(of(`${prefix}.killed`).alive, false);
  assert.equal(of(`${prefix}.killed`).format, "320x240 gray");
  assert.deepEqual([of(silent.name).format, of(silent.name).ageMs, of(silent.name).sequence], ["-", null, 0]);
  assert.equal(code, 0);
});

test("looking takes no seat and makes no demand on the writer", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 4096 });
  publishGray(writer, 10, 10, 1);
  const { stdout } = await runTool("ls", writer.name);
  assert.match(stdout.toString(), /10x10 gray/);
  assert.equal(writer.readers(), 0);
});

test("nothing there is said in words, and is no failure", async () => {
  const prefix = testRingName();
  const { stdout, code } = await runTool("ls", prefix);
  assert.equal(stdout.toString(), `No ring in /dev/shm begins with ${prefix}\n`);
  assert.equal(code, 0);
});

test("a wrong command line ends with 64 and names what is wrong and where to read on", async () => {
  const cases: [string[], RegExp][] = [
    [["ls", "--color"], /--color.*lanthorn-rings ls --help/],
    [["ls", "a", "b"], /one prefix.*a b/],
    [["list"], /ls, watch, cat, doctor.*list.*--help/],
  ];
  const ended = await Promise.all(cases.map(([args]) => runTool(...args)));
  for (const [i, { code, stderr, stdout }] of ended.entries()) {
    assert.equal(code, 64);
    assert.match(stderr, cases[i]?.[1] ?? /never/);
    assert.equal(stdout.length, 0);
  }
  const { code, stdout } = await runTool();
  assert.equal(code, 64);
  assert.match(stdout.toString(), /^Usage: /);
});

test("every sub-command has a help text that fits 100 columns", async () => {
  const commands = ["", "ls", "watch", "cat", "doctor"];
  const ended = await Promise.all(commands.map((name) => runTool(...[name, "--help"].filter((word) => word !== ""))));
  for (const [i, { code, stdout }] of ended.entries()) {
    assert.equal(code, 0);
    assert.match(stdout.toString(), new RegExp(`^Usage: lanthorn-rings ${commands[i]}`));
    assert.ok(
      stdout
        .toString()
        .split("\n")
        .every((line) => line.length <= 100),
    );
  }
});

test("in a terminal of 80 and of 120 columns no line wraps", async () => {
  using writer = SlotRingWriter.create({
    name: `${testRingName()}.a-camera-with-a-long-name.frames`,
    slots: 3,
    slotBytes: 640 * 480,
  });
  publishGray(writer, 640, 480, 1);
  for (const columns of [80, 120]) {
    const { code, output } = await runInTerminal(columns, ["ls", writer.name]);
    const lines = output.split("\r\n");
    assert.equal(code, 0);
    assert.equal(lines.length, 3); // head, ring, and the end of the last line
    assert.ok(
      lines.every((line) => [...line].length <= columns),
      output,
    );
    assert.match(output, /640x480/);
  }
});
