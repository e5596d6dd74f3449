/** Coverage-guided fuzzing of what cameras send (fuzz/*.cpp) by clang's libFuzzer with address and undefined-behaviour sanitizers. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTestMedia } from "@lanthorn/testing";

const MEDIA = join(import.meta.dirname, "..");
/** Larger inputs are mutated too slowly; this holds tables, sound and some groups of pictures. */
const INPUT_BYTES_MAX = 24_000;
/** Parts that need neither libavformat nor shared memory. */
const SOURCES = [
  "core/ts/*.cpp",
  "core/bitstream/*.cpp",
  "core/pipeline/{capture_clock,description,packet_publisher}.cpp",
  "core/sensors/imu_*.cpp",
];

/** Builds fuzz/<name>.cpp and runs it from these inputs. Fails when it finds anything, or no way that the inputs do not take. */
async function fuzz(t: TestContext, name: string, seconds: number, inputs: ReadonlyMap<string, Buffer>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-fuzz-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, name);
  const sources = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: MEDIA }));
  assert.ok(sources.length > 10, `${sources}`);
  const includes = ["include", "../include", "../rings/include", "core", "test"].flatMap((folder) => ["-I", folder]);
  const sanitizers = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"];
  const built = spawnSync(
    "clang++",
    [
      "-std=c++20",
      "-O1",
      "-g",

      ...sanitizers,
      ...includes,
      `test/fuzz/${name}.cpp`,
      ...sources,
      "-o",
      program,
    ],
    { cwd: MEDIA, encoding: "utf8" },
  );
  assert.equal(built.status, 0, built.stderr);
  const corpus = join(directory, "corpus");
  mkdirSync(corpus);
  for (const [file, bytes] of inputs) {
    writeFileSync(join(corpus, file), bytes);
  }
  const limits = [`-max_total_time=${seconds}`, `-max_len=${INPUT_BYTES_MAX}`, "-timeout=10", "-rss_limit_mb=1024"];
  const run = spawnSync(program, [...limits, `-artifact_prefix=${directory}/found-`, corpus], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const found = readdirSync(directory).filter((file) => file.startsWith("found-"));
  const bad = found.map((file) => readFileSync(join(directory, file)).toString("base64"));
  assert.equal(run.status, 0, `${run.stderr.slice(-4000)}\n${bad.join("\n")}`);
  const runs = Number(/Done (\d+) runs/.exec(run.stderr)?.[1]);
  const coverage = [...run.stderr.matchAll(/cov: (\d+)/g)].map(([, edges]) => Number(edges));
  assert.ok(runs > 1000, run.stderr.slice(-1000));
  assert.ok((coverage.at(-1) ?? 0) > (coverage[0] ?? 0), "it found ways that the inputs do not take");
  t.diagnostic(`${runs} runs, ${coverage[0]} to ${coverage.at(-1)} edges`);
}

test("a minute of coverage-guided fuzzing finds no crash, no hang and no unbounded memory in the demuxer", async (t) => {
  const inputs = new Map<string, Buffer>();
  for (const video of ["h264", "hevc"] as const) {
    for (const audio of ["aac", "opus"] as const) {
      const media = { container: "ts", durationS: 2, widthPx: 160, heightPx: 96, fps: 10, gopFrames: 5 } as const;
      const stream = readFileSync(await makeTestMedia({ ...media, video, audio, bFrames: 2 }));
      for (const step of [0, 1, 188]) {
        const input = Buffer.concat([Buffer.from([step]), stream.subarray(0, INPUT_BYTES_MAX - 1)]);
        inputs.set(`${video}-${audio}-${step}`, input);
      }
    }
  }
  await fuzz(t, "demux_fuzz", 60, inputs);
});

test("twenty seconds of coverage-guided fuzzing write nothing impossible into an IMU ring", async (t) => {
  const label = Buffer.from("060e2b34020b01010f4c414e54484f01", "hex");
  const sample = (sensor: number) => Buffer.concat([Buffer.from([sensor, 0xff, 0xff, 0, 0]), Buffer.alloc(12, 0x40)]);
  const set = Buffer.concat([Buffer.from([1, 4, 0, 0, 0, 200, 2, 51]), sample(1), sample(2), sample(3)]);
  const unit = Buffer.concat([label, Buffer.from([set.length]), set]);
  const good = Buffer.concat([Buffer.from([40, 0, 0, unit.length]), unit]);
  await fuzz(t, "imu_fuzz", 20, new Map([["three", Buffer.concat([good, good, good])]]));
});
