/** Coverage-guided fuzzing of the demuxer (fuzz/demux_fuzz.cpp) by clang's libFuzzer with address and undefined-behaviour sanitizers. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeTestMedia } from "@lanthorn/testing";

const MEDIA = join(import.meta.dirname, "..");
const SECONDS = 60;
/** Larger inputs are mutated too slowly; this holds tables, sound and some groups of pictures. */
const INPUT_BYTES_MAX = 24_000;
/** Parts that need neither libavformat nor shared memory. */
const SOURCES = [
  "core/ts/*.cpp",
  "core/bitstream/*.cpp",
  "core/pipeline/{capture_clock,description,packet_publisher}.cpp",
];

test("a minute of coverage-guided fuzzing finds no crash, no hang and no unbounded memory in the demuxer", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-fuzz-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, "demux-fuzz");
  const sources = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: MEDIA }));
  assert.ok(sources.length > 8, `${sources}`);
  const includes = ["include", "../include", "../rings/include", "core", "test"].flatMap((folder) => ["-I", folder]);
  const sanitizers = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"];
  const built = spawnSync(
    "clang++",
    ["-std=c++20", "-O1", "-g", ...sanitizers, ...includes, "test/fuzz/demux_fuzz.cpp", ...sources, "-o", program],
    { cwd: MEDIA, encoding: "utf8" },
  );
  assert.equal(built.status, 0, built.stderr);

  const corpus = join(directory, "corpus");
  mkdirSync(corpus);
  for (const video of ["h264", "hevc"] as const) {
    for (const audio of ["aac", "opus"] as const) {
      const media = { container: "ts", durationS: 2, widthPx: 160, heightPx: 96, fps: 10, gopFrames: 5 } as const;
      const stream = readFileSync(await makeTestMedia({ ...media, video, audio, bFrames: 2 }));
      for (const step of [0, 1, 188]) {
        const input = Buffer.concat([Buffer.from([step]), stream.subarray(0, INPUT_BYTES_MAX - 1)]);
        writeFileSync(join(corpus, `${video}-${audio}-${step}`), input);
      }
    }
  }
  const limits = [`-max_total_time=${SECONDS}`, `-max_len=${INPUT_BYTES_MAX}`, "-timeout=10", "-rss_limit_mb=1024"];
  const run = spawnSync(program, [...limits, `-artifact_prefix=${directory}/found-`, corpus], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const found = readdirSync(directory).filter((name) => name.startsWith("found-"));
  const inputs = found.map((name) => readFileSync(join(directory, name)).toString("base64"));
  assert.equal(run.status, 0, `${run.stderr.slice(-4000)}\n${inputs.join("\n")}`);
  const runs = Number(/Done (\d+) runs/.exec(run.stderr)?.[1]);
  const coverage = [...run.stderr.matchAll(/cov: (\d+)/g)].map(([, edges]) => Number(edges));
  assert.ok(runs > 1000, run.stderr.slice(-1000));
  assert.ok((coverage.at(-1) ?? 0) > (coverage[0] ?? 0), "it found ways that the made streams do not take");
  t.diagnostic(`${runs} runs, ${coverage[0]} to ${coverage.at(-1)} edges`);
});
