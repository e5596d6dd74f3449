import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { medianPercentiles, type Percentiles, percentile, percentilesUs } from "../bench/percentiles.ts";
import { writePlots } from "../bench/plots.ts";
import { asText, writeTables } from "../bench/report.ts";
import type { BenchResult } from "../bench/result.ts";

const bench = fileURLToPath(new URL("../bench/main.ts", import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/lanthorn-bench-`);
after(() => rmSync(folder, { recursive: true }));

/** As short as a run can be: a few frames of each case, at a pace no camera has. */
const TINY = ["--json", "--seconds", "0.02", "--rounds", "1", "--fps", "500"];
const { stdout } = await promisify(execFile)(process.execPath, [bench, ...TINY], { maxBuffer: 1 << 26 });
const result = JSON.parse(stdout) as BenchResult;

function assertTimes(times: Percentiles, what: string): void {
  assert.ok(times.p50 > 0 && times.p99 >= times.p50 && Number.isFinite(times.p99), `${what}: ${JSON.stringify(times)}`);
}

test("a percentile is a sample that so many do not exceed, and rounds give their middle one", () => {
  const samples = Array.from({ length: 100 }, (_, i) => (100 - i) * 1000);
  assert.deepEqual(percentilesUs(samples), { p50: 50, p99: 99 });
  assert.equal(percentile([7], 0.99), 7);
  assert.throws(() => percentile([], 0.5), /no samples/);
  const rounds = [1, 3, 2].map((us) => ({ p50: us, p99: 10 - us }));
  assert.deepEqual(medianPercentiles(rounds), { p50: 2, p99: 8 });
});

test("the bench measures publish, acquire and wake-up of both formats with 1 and 10 readers", () => {
  assert.deepEqual(
    result.cases.map(({ format, readers }) => `${format} ${readers}`),
    ["nv12 1", "nv12 10", "rgb24 1", "rgb24 10"],
  );
  for (const one of result.cases) {
    for (const name of [
      "reserveUs",
      "fillUs",
      "publishUs",
      "publishCpuUs",
      "acquireUs",
      "peekUs",
      "wakeUs",
      "wakeLastUs",
    ] as const) {
      assertTimes(one[name], `${one.format}, ${one.readers} readers, ${name}`);
    }
    assert.ok(one.frames > 0);
  }
});

test("taking a frame touches none of its bytes, and a reader that copies is seen to", () => {
  for (const { format, bytesCopiedPerFrame } of result.cases) {
    assert.equal(bytesCopiedPerFrame, 0, format);
  }
  assert.equal(result.copyingReaderBytesPerFrame, 1920 * 1080 * 3);
  assert.deepEqual(
    result.sizes.map((one) => [one.frameBytes, one.readerTouchedBytesPerFrame, one.writerTouchedBytesPerFrame]),
    [
      [160 * 120 * 3, null, null],
      [1920 * 1080 * 3, 0, 0],
      [3840 * 2160 * 3, 0, 0],
    ],
  );
});

test("the four peers, the readers of other languages and the writer's slowdown are measured in the same run", () => {
  const names = ["mpQueueUs", "sharedMemoryCopyUs", "unixSocketUs", "pipeUs"] as const;
  assert.deepEqual(Object.keys(result.peers).toSorted(), [...names].toSorted());
  for (const name of names) {
    assert.ok(result.peers[name] > 0 && result.peers10Readers[name] > 0, name);
  }
  assert.ok(result.oursUs.handOver > 0 && result.oursUs.withFill > 0);
  assert.equal(result.ratioToQueue, result.oursUs.handOver / result.peers.mpQueueUs);
  assert.ok(result.writerSlowdown1to10 > 0);
  assert.deepEqual(
    result.languages.map(({ reader }) => reader),
    ["core", "header", "python", "typescript"],
  );
  for (const { reader, acquireUs, wakeUs } of result.languages) {
    assertTimes(acquireUs, reader);
    assertTimes(wakeUs, reader);
  }
});

test("every budget says what was measured and whether that is met", () => {
  assert.ok(result.budgets.length >= 8);
  for (const { what, limit, measured, met } of result.budgets) {
    assert.equal(met, measured <= limit, what);
  }
  assert.match(asText(result), /multiprocessing\.Queue/);
});

test("plots are whole drawings, and tables go between the marks of a document, again and again", () => {
  writePlots(result, folder);
  assert.deepEqual(readdirSync(folder).toSorted(), ["rings-peers.svg", "rings-wake.svg", "rings-writer.svg"]);
  for (const name of readdirSync(folder)) {
    const svg = readFileSync(join(folder, name), "utf8");
    assert.match(svg, /^<svg [^>]+>\n<title>/);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  }
  const document = join(folder, "measurements.md");
  writeFileSync(document, "before\n<!-- bench rings: begin -->\nold\n<!-- bench rings: end -->\nafter\n");
  writeTables(result, document);
  const once = readFileSync(document, "utf8");
  assert.match(once, /^before\n[\s\S]+\| rgb24 \| 10 \|[\s\S]+\nafter\n$/);
  assert.doesNotMatch(once, /\nold\n/);
  writeTables(result, document);
  assert.equal(readFileSync(document, "utf8"), once);
  writeFileSync(document, "no marks");
  assert.throws(() => writeTables(result, document), /lacks the marks/);
});
