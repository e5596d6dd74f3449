import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { SlotRingReader, SlotRingWriter } from "../../src/index.ts";
import { nextLine, startProgram } from "../support/child.ts";
import { publishGray } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import { repeat, runInTerminal, runTool, startTool } from "../support/tool.ts";

const ESCAPE = "\x1b";

type Latency = { p50: number; p99: number } | null;
type Ring = {
  name: string;
  state: string;
  ratePerS: number;
  megabytesPerS: number;
  captureToPublishMs: Latency;
  publishToSeenMs: Latency;
  captureToSeenMs: Latency;
  jitterMs: number | null;
  sequence: number;
  missed: number;
  reopened: number;
  busy: number | null;
  readers: { pid: number; leasedSlots: number[]; taken: number; missed: number }[];
};

/** Starts `watch --json`; next() waits for a refresh of which something holds. */
function startWatch(...args: string[]) {
  const { child, ended } = startTool("watch", "--json", "--interval", "0.1", ...args);
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  return {
    next: async (holds: (rings: Ring[]) => boolean): Promise<Ring[]> => {
      for (;;) {
        const line = await lines.next();
        assert.ok(line.done !== true, "the watch ended too soon");
        const { rings } = JSON.parse(line.value) as { rings: Ring[] };
        if (holds(rings)) {
          return rings;
        }
      }
    },
    stop: async () => {
      child.kill("SIGTERM");
      return (await ended).code;
    },
  };
}

test("watch measures rate and latencies of frames, and tells readers, leases and losses", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 4, slotBytes: 10_000 });
  using reader = SlotRingReader.open(writer.name);
  publishGray(writer, 100, 100, 1);
  const lease = reader.leaseNewest();
  const frames = repeat(5, (count) => publishGray(writer, 100, 100, count));
  const watch = startWatch(writer.name);
  const [ring] = await watch.next(
    ([first]) => first !== undefined && first.state === "live" && first.jitterMs !== null,
  );
  assert.ok(ring);
  assert.ok(ring.ratePerS > 0 && ring.megabytesPerS > 0);
  for (const latency of [ring.captureToPublishMs, ring.publishToSeenMs, ring.captureToSeenMs]) {
    assert.ok(latency !== null && latency.p50 > 0 && latency.p99 >= latency.p50);
  }
  assert.equal(ring.busy, 0);
  assert.deepEqual(
    ring.readers.map(({ pid, leasedSlots, taken }) => [pid, leasedSlots.length, taken]),
    [[process.pid, 1, 1]],
  );
  assert.equal(await watch.stop(), 0);
  await frames.stop();
  lease?.release();
});

test("watching takes no seat and makes no demand on the writer", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const frames = repeat(5, (count) => publishGray(writer, 10, 10, count));
  const watch = startWatch(writer.name);
  const [ring] = await watch.next(([first]) => first?.state === "live");
  assert.deepEqual(ring?.readers, []);
  assert.equal(writer.readers(), 0);
  await frames.stop();
  assert.equal(await watch.stop(), 0);
});

test("watch follows a ring from absent over dead to a new writer", async () => {
  const name = testRingName();
  const watch = startWatch(name);
  await watch.next(([ring]) => ring?.state === "absent" && ring.name === name);
  const first = startProgram("writer-program.ts", "bytes", name, "5");
  const [seen] = await watch.next(([ring]) => ring?.state === "live" && ring.captureToSeenMs !== null);
  assert.equal(seen?.captureToPublishMs, null); // records do not say when they were published
  assert.equal(seen?.busy, null);
  await first.kill();
  await watch.next(([ring]) => ring?.state === "dead");
  const second = startProgram("writer-program.ts", "bytes", name, "5");
  await nextLine(second);
  // That a writer lives is seen at once, that it is another one when the ring is opened again.
  const [again] = await watch.next(([ring]) => ring?.state === "live" && ring.reopened > 0);
  assert.equal(again?.reopened, 1);
  await second.kill();
  assert.equal(await watch.stop(), 0);
});

test("a ring that appears joins the watch of its prefix; a silent one becomes stale", async () => {
  const prefix = testRingName();
  const watch = startWatch(prefix);
  using silent = SlotRingWriter.create({ name: `${prefix}.silent`, slots: 3, slotBytes: 100 });
  const [ring] = await watch.next((rings) => rings.some(({ state }) => state === "stale"));
  assert.equal(ring?.name === silent.name || ring?.name === prefix, true);
  assert.equal(await watch.stop(), 0);
});

test("without a terminal, watch appends plain tables and ends after --seconds", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  publishGray(writer, 10, 10, 1);
  assert.ok(reader.describeNewest());
  const { code, stdout } = await runTool("watch", writer.name, "--seconds", "0.5", "--interval", "0.2");
  const lines = stdout.toString().trimEnd().split("\n");
  assert.equal(code, 0);
  assert.ok(lines.length >= 6 && lines.length % 3 === 0, stdout.toString());
  assert.match(lines[0] ?? "", /^RING +STATE +RATE/);
  assert.ok(lines[1]?.startsWith(writer.name));
  assert.match(lines[2] ?? "", new RegExp(`└ node\\(${process.pid}\\) took 1, missed 0`));
  assert.ok(!stdout.includes("\x1b"));
});

test("in a terminal the table is drawn over, nothing wraps, and Ctrl-C ends it with 0", async () => {
  using writer = SlotRingWriter.create({ name: `${testRingName()}.a-long-name.frames`, slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  const frames = repeat(10, (count) => publishGray(writer, 10, 10, count));
  const screens = await Promise.all(
    [80, 120].map((columns) => runInTerminal(columns, ["watch", writer.name, "--interval", "0.2"], 4000)),
  );
  await frames.stop();
  assert.ok(reader.describeNewest());
  for (const [i, { code, output }] of screens.entries()) {
    assert.equal(code, 0);
    const commands = new RegExp(`${ESCAPE}\\[\\d*[A-Z]`, "g");
    assert.ok([...output.matchAll(commands)].some(([command]) => command.endsWith("A"))); // back up to the first line
    // The terminal itself echoes the key, wherever the tool happens to be.
    const lines = output.replace("^C", "").replace(commands, "").split("\r\n");
    assert.ok(lines.length > 4);
    assert.ok(
      lines.every((line) => [...line].length <= (i === 0 ? 80 : 120)),
      output,
    );
  }
});

test("a closed pipe ends the watch quietly", async () => {
  const { child, ended } = startTool("watch", testRingName(), "--interval", "0.1");
  await once(child.stdout as Readable, "data");
  (child.stdout as Readable).destroy();
  const { code, stderr } = await ended;
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

test("a wrong number for an option of watch ends with 64", async () => {
  const ended = await Promise.all(
    [
      ["--interval", "0"],
      ["--seconds", "soon"],
      ["--fps", "3"],
    ].map((args) => runTool("watch", ...args)),
  );
  for (const { code, stderr } of ended) {
    assert.equal(code, 64);
    assert.match(stderr, /lanthorn-rings watch --help/);
  }
});
