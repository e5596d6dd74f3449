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
import { median } from "../bench/summary.ts";

const bench = fileURLToPath(new URL("../bench/main.ts", import.meta.url));

/** As short as a run can be. */
const TINY = ["--json", "--streams", "2", "--seconds", "0.3", "--rounds", "1", "--peers", "plainLibsrt", "--no-search"];
const { stdout } = await promisify(execFile)(process.execPath, [bench, ...TINY]);
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
