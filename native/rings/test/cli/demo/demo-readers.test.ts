/** The demo's rings, read by the other languages' readers from another directory. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, test as nodeTest } from "node:test";
import { fileURLToPath } from "node:url";
import { listRings } from "../../../src/index.ts";
import { nextLine, startCommand } from "../../support/child.ts";
import { type Demo, startDemo } from "../../support/demo-process.ts";
import { testRingName } from "../../support/ring-names.ts";

const test = (name: string, body: () => Promise<void>) => nodeTest(name, { timeout: 120_000 }, body);
const PYTHON = "/usr/bin/python3";
const PREFIX = testRingName();
const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pythonReader = fileOf("../../../readers/python/lanthorn_rings.py");
const elsewhere = mkdtempSync(`${tmpdir()}/lanthorn-demo-`);
let demo: Demo;

before(async () => {
  demo = await startDemo(["--prefix", PREFIX, "--size", "320x240"]);
});

after(async () => {
  await demo.end("SIGTERM");
  rmSync(elsewhere, { recursive: true });
});

test("python watches rings of every shape from another directory", async () => {
  const expected = {
    "nv12.frames": / {2}nv12 {2}115200 bytes /,
    "vlc-3.frames": /shape 240x320 {2}gray {2}76800 bytes /,
    "depthf32.frames": / {2}grayf32le {2}307200 bytes /,
    "microphone.audio": / {2}pcm key {2}1920 bytes {2}dropped 0 /,
    "imu.imu": / {2}imu key {2}360 bytes {2}dropped 0 /,
    "camera.results": / {2}result key /,
    "camera.packets": / {2}packet /,
  };
  for (const [ring, pattern] of Object.entries(expected)) {
    const watch = startCommand(
      PYTHON,
      ["-B", pythonReader, "watch", `${PREFIX}.${ring}`, "--seconds", "20"],
      elsewhere,
    );
    assert.match(await nextLine(watch), pattern);
    assert.match(await nextLine(watch), pattern);
    await watch.kill();
  }
});

test("python understands what every ring holds", async () => {
  const run = spawnSync(PYTHON, ["-B", fileOf("../../support/demo_checks.py"), pythonReader, PREFIX], {
    cwd: elsewhere,
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stderr);
  const found = JSON.parse(run.stdout) as Record<string, Record<string, unknown>>;
  const of = (ring: string) => found[`${PREFIX}.${ring}`] ?? {};
  assert.equal(Object.keys(found).length, 16);
  const size = [320, 240];
  assert.deepEqual(of("i420.frames"), { format: "yuv420p", size, bytes: 115_200 });
  for (const ring of ["depth16.frames", "depthf32.frames"]) {
    const { nearest, farthest } = of(ring) as { nearest: number; farthest: number };
    assert.ok(nearest > 1.3 && nearest < 2.5 && farthest > 3 && farthest < 3.7, `${ring}: ${nearest} to ${farthest}`);
  }
  assert.deepEqual(of("microphone.audio"), { type: "pcm", key: true, samples: 960 });
  assert.equal(of("stereo.audio").type, "pcm");
  assert.deepEqual(of("imu.imu").sensors, ["accelerometer", "gyroscope", "magnetometer"]);
  const gravity = of("imu.imu").gravity as number[];
  assert.ok(gravity.length === 4 && gravity.every((value) => Math.abs(value - 9.81) < 0.1), String(gravity));
  assert.equal(of("camera.results").label, "ball");
  assert.deepEqual(of("camera.packets"), { type: "packet", key: true, codec: "h264" });
});

test("a C program with one header reads every ring", async () => {
  const program = `${elsewhere}/demo_reader`;
  const compile = spawnSync(
    "cc",
    [
      "-std=c11",
      "-Wall",
      "-Wextra",
      "-Werror",
      `-I${fileOf("../../../readers/c")}`,
      fileOf("../../support/demo_reader.c"),
      "-o",
      program,
    ],
    { encoding: "utf8" },
  );
  assert.equal(compile.status, 0, compile.stderr ?? String(compile.error));
  const names = listRings(PREFIX).map(({ name }) => name);
  const run = spawnSync(program, names, { cwd: elsewhere, encoding: "utf8" });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  const lines = run.stdout.trim().split("\n");
  assert.equal(lines.length, 16);
  const lineOf = (ring: string) => lines.find((line) => line.startsWith(`${PREFIX}.${ring} `)) ?? "";
  assert.match(lineOf("bgr24.frames"), /frame bgr24 320x240 sum 1$/);
  assert.match(lineOf("depth16.frames"), /frame gray16le 320x240 sum 1$/);
  assert.match(lineOf("stereo.audio"), /record 2 7680 bytes/);
  const [, squared] = /record 3 360 bytes squared ([\d.]+)$/.exec(lineOf("imu.imu")) ?? [];
  assert.ok(Math.abs(Math.sqrt(Number(squared)) - 9.81) < 0.1, lineOf("imu.imu"));
  assert.match(lineOf("camera.results"), /record 4 /);
  assert.match(lineOf("camera.packets"), /record 1 /);
});

test("every program of docs/guide/simulated-sensors.md runs as it stands there", async () => {
  const page = readFileSync(fileOf("../../../../../docs/guide/simulated-sensors.md"), "utf8");
  const programs = [...page.matchAll(/```(python|ts)\n([\s\S]*?)```/g)];
  const expected: Record<string, RegExp> = {
    "samples.py": /^\d+ (accelerometer|gyroscope|magnetometer) -?\d/,
    "samples.ts": /^48000 Hz, pcm_s16le: \d+$/,
    "depth.ts": /^frame \d+: [12]\.\d{3} m$/,
  };
  const names = programs.map(([, , text = ""]) => /^(?:#|\/\/) (\S+):/.exec(text)?.[1] ?? "");
  assert.deepEqual(names.toSorted(), Object.keys(expected).toSorted());
  copyFileSync(pythonReader, `${elsewhere}/lanthorn_rings.py`);
  for (const [i, [, language, text = ""]] of programs.entries()) {
    const program = text.replaceAll('"demo.', `"${PREFIX}.`);
    const running =
      language === "python"
        ? startCommand(PYTHON, ["-B", "-c", program], elsewhere)
        : startCommand(process.execPath, ["--input-type=module-typescript", "-e", program], fileOf("../../.."));
    assert.match(await nextLine(running), expected[names[i] ?? ""] ?? /never/);
    await running.kill();
  }
});
