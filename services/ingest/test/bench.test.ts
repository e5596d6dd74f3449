import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writePlots } from "../bench/plots.ts";
import { asText, writeTable } from "../bench/report.ts";
import type { BenchResult, CaseResult } from "../bench/result.ts";
import { findMost } from "../bench/search.ts";
import { median } from "../bench/summary.ts";

const bench = fileURLToPath(new URL("../bench/main.ts", import.meta.url));

/** As short as a run can be. */
const TINY = ["--json", "--streams", "2", "--seconds", "0.3", "--rounds", "1", "--peers", "plainLibsrt", "--no-search"];
const ARCHIVE = ["--archive", "2"];
const { stdout } = await promisify(execFile)(process.execPath, [bench, ...TINY, ...ARCHIVE]);
const result = JSON.parse(stdout) as BenchResult;

test("the bench receives real streams by ingest and by the plain loop, and accounts for both sides", () => {
  assert.deepEqual(
    result.cases.map(({ pace }) => pace),
    ["even", "burst"],
  );
  assert.equal(result.peers.plainLibsrt.length, 1);
  for (const one of [...result.cases, ...result.peers.plainLibsrt]) {
    assert.deepEqual([one.streams, one.mbpsEach], [2, 5]);
    // What arrived was sent, and nearly all of it: other work on the machine may cost a packet.
    assert.ok(one.receivedMbps > 5 && one.receivedMbps <= one.offeredMbps + 0.01, JSON.stringify(one));
    assert.ok(one.cpuCoresIngest > 0 && one.cpuCoresSenders > 0 && one.rssMiB >= one.pssMiB, JSON.stringify(one));
  }
  assert.ok(result.cases.every(({ threads }) => Object.keys(threads).some((name) => name === "ltn-srt")));
  assert.deepEqual([result.maxStreamsZeroLossAt5Mbps, result.plainLibsrtMaxStreams], [null, null]);
});

test("with the archive on the same comes, and footage is written: none of it is missing", () => {
  const [one, ...others] = result.archiveOn;
  assert.ok(one !== undefined && others.length === 0);
  assert.ok(one.receivedMbps > 5 && one.cpuCoresArchive > 0 && one.cpuCoresIngest > 0, JSON.stringify(one));
  assert.ok(one.recordedSPerS > 0.5, JSON.stringify(one)); // of 2: what is durable now may lag behind
});

/** A receiver that carries so many; spoiled: runs, counted from 1, that other work spoils. */
function receiver(most: number, spoiled: readonly number[] = [], runs = 100) {
  const asked: number[] = [];
  const run = async (streams: number) => {
    if (asked.length === runs) {
      return undefined;
    }
    asked.push(streams);
    return streams <= most && !spoiled.includes(asked.length);
  };
  return { asked, run };
}

test("the search finds the largest number and runs it twice more, from below and from above", async () => {
  for (const most of [0, 5, 100, 145, 400]) {
    const { asked, run } = receiver(most);
    assert.deepEqual(await findMost({ from: 100, run }), { maxStreams: most, isConfirmed: true });
    assert.ok(asked.length <= 16, `${asked}`);
  }
});

test("one spoiled run does not end a number, one lucky run does not make it, and no run left is told", async () => {
  assert.deepEqual(await findMost({ from: 100, ...receiver(145, [1]) }), { maxStreams: 145, isConfirmed: true });
  const lucky = receiver(95);
  const once = async (streams: number) =>
    lucky.asked.length === 0 && streams === 100 ? !!lucky.asked.push(100) : lucky.run(streams);
  assert.deepEqual(await findMost({ from: 100, run: once }), { maxStreams: 95, isConfirmed: true });
  assert.deepEqual(await findMost({ from: 100, ...receiver(145, [], 2) }), { maxStreams: 125, isConfirmed: false });
});

test("of figures the middle one counts, of two the lower", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([2, 1]), 1);
  assert.throws(() => median([]), /nothing/);
});

test("text, table and pictures hold every receiver that was measured", () => {
  const folder = mkdtempSync(join(tmpdir(), "lanthorn-bench-"));
  try {
    const one = result.cases[0] as CaseResult;
    const whole = { ...result, peers: { ...result.peers, ffmpeg: [one], srtLiveTransmit: [one] } };
    const file = join(folder, "document.md");
    writeFileSync(file, "before\n<!-- bench ingest: begin -->\nold\n<!-- bench ingest: end -->\nafter\n");
    writeTable(whole, file);
    const document = readFileSync(file, "utf8");
    assert.ok(document.startsWith("before\n") && document.endsWith("after\n") && !document.includes("old"));
    for (const name of ["Lanthorn's ingest", "srt-live-transmit", "ffmpeg", "plain libsrt"]) {
      assert.ok(document.includes(`| ${name}`), name);
      assert.ok(asText(whole).includes(name), name);
    }
    writePlots(whole, folder);
    for (const name of ["ingest-cpu.svg", "ingest-loss.svg"]) {
      assert.equal(readFileSync(join(folder, name), "utf8").split("<path fill").length - 1, 8, name); // a line and its key, four times
    }
    writeFileSync(file, "no marks");
    assert.throws(() => writeTable(whole, file), /marks/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
