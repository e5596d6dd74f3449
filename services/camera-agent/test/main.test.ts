/** The camera as the process it is. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ByteCounter, SrtListener } from "@lanthorn/srt";
import { makeTemporaryHome, makeTestMedia, REPOSITORY_ROOT, type TemporaryHome, waitUntil } from "@lanthorn/testing";

const KEY = "q8sH2kLm0pQrStUvWxYz1234567890AB";
const MAIN = join(REPOSITORY_ROOT, "services", "camera-agent", "main.ts");

interface Agent {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly ended: Promise<number | null>;
}

function startAgent(t: TestContext, argv: readonly string[], environment: Record<string, string> = {}): Agent {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, LANTHORN_LOG_LEVEL: "debug", ...environment },
  });
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, log: () => log, ended };
}

function writeKey(home: TemporaryHome): string {
  const file = join(home.root, "porch.json");
  writeFileSync(file, JSON.stringify({ streamId: "#!::u=porch,r=porch/main,m=publish", passphrase: KEY }), {
    mode: 0o600,
  });
  return file;
}

/** Process ids of a process's children. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

test("a camera streams a scene encrypted, its key is in no argument list, environment or log, and SIGTERM leaves nothing behind", async (t) => {
  using home = makeTemporaryHome();
  const listener = SrtListener.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => listener.close());
  const counter = new ByteCounter();
  listener.attach("porch", counter.sink);
  listener.setAccess([{ cameraId: "porch", streamIds: [], passphrase: KEY, enabled: true }]);
  const truthFile = join(home.root, "truth.jsonl");
  const agent = startAgent(t, [
    ...["--camera", "porch", "--source", "scene:street", "--size", "320x180", "--truth", truthFile],
    ...["--url", `srt://127.0.0.1:${listener.port}`, "--credentials", writeKey(home)],
  ]);
  await waitUntil("a second of stream", () => counter.read().bytes > 20_000 && framesOf(truthFile).length > 15, 20_000);
  const pid = agent.child.pid ?? -1;
  const encoders = childrenOf(pid);
  assert.equal(encoders.length, 1);
  for (const process of [pid, ...encoders]) {
    for (const place of ["cmdline", "environ"]) {
      assert.equal(readFileSync(`/proc/${process}/${place}`, "utf8").includes(KEY), false, place);
    }
  }
  assert.equal(listener.poll().find(({ kind }) => kind === "connected")?.keyLengthBits, 256);
  agent.child.kill("SIGTERM");
  assert.equal(await agent.ended, 0);
  assert.equal(agent.log().includes(KEY), false);
  assert.match(agent.log(), /"msg":"stopped"/);
  assert.ok(encoders.every((encoder) => !readdirSync("/proc").includes(String(encoder))));
});

test("a camera with a sub-stream sends both, from a scene and from a file, and an encoder's death costs one of them nothing", async (t) => {
  using home = makeTemporaryHome();
  const file = await makeTestMedia({ durationS: 4, fps: 25, gopFrames: 25, audio: "aac" });
  for (const source of ["scene:quiet", file]) {
    const listener = SrtListener.listen({ host: "127.0.0.1", port: 0 });
    t.after(() => listener.close());
    const [main, sub] = [new ByteCounter(), new ByteCounter()];
    listener.attach("porch", main.sink);
    listener.attach("porch/sub", sub.sink);
    const key = { streamIds: [], passphrase: KEY, enabled: true };
    const subId = "#!::u=porch,r=porch/main,m=publish/sub";
    listener.setAccess([
      { ...key, cameraId: "porch" },
      { ...key, cameraId: "porch/sub", streamIds: [subId] },
    ]);
    const agent = startAgent(t, [
      ...["--camera", "porch", "--source", source, "--sub", "160x90", "--credentials", writeKey(home)],
      ...["--url", `srt://127.0.0.1:${listener.port}`],
    ]);
    await waitUntil("both streams", () => main.read().bytes > 20_000 && sub.read().bytes > 10_000, 60_000);
    const [first = -1] = childrenOf(agent.child.pid ?? -1);
    process.kill(first, "SIGKILL");
    const before = [main.read().bytes, sub.read().bytes];
    const grown = () => [main, sub].every((counter, i) => counter.read().bytes > (before[i] ?? 0) + 10_000);
    await waitUntil("both go on, one with another encoder", grown, 60_000);
    assert.deepEqual(
      listener.poll().map(({ kind }) => kind),
      ["connected", "connected"],
    ); // neither had to call again
    agent.child.kill("SIGTERM");
    assert.equal(await agent.ended, 0);
  }
});

test("a camera that nobody answers is stopped by SIGTERM with code 0", async (t) => {
  using home = makeTemporaryHome();
  const target = ["--url", "srt://127.0.0.1:9", "--credentials", writeKey(home)];
  const agent = startAgent(t, ["--camera", "porch", "--source", "scene:quiet", "--size", "320x180", ...target]);
  await waitUntil("a call in vain", () => /did not take the call/.test(agent.log()), 20_000);
  agent.child.kill("SIGTERM");
  assert.equal(await agent.ended, 0);
});

test("an encoder that is killed is started again, and frames go on with their numbers", async (t) => {
  using home = makeTemporaryHome();
  const [truthFile, out] = [join(home.root, "truth.jsonl"), join(home.root, "out.ts")];
  const agent = startAgent(t, [
    ...["--camera", "porch", "--source", "scene:quiet", "--size", "320x180"],
    ...["--url", `file://${out}`, "--truth", truthFile],
  ]);
  const pid = agent.child.pid ?? -1;
  const encoder = await waitUntil("the encoder", () => childrenOf(pid)[0]);
  await waitUntil("frames", () => readFileSync(truthFile, "utf8").split("\n").length > 5);
  process.kill(encoder, "SIGKILL");
  const next = await waitUntil("another encoder", () => childrenOf(pid).find((child) => child !== encoder));
  assert.notEqual(next, encoder);
  assert.match(agent.log(), /SIGKILL/);
  await waitUntil(
    "time stamps to begin anew",
    () => framesOf(truthFile).filter(({ pts90k }) => pts90k === 90_000).length === 2,
  );
  const numbers = framesOf(truthFile).map(({ frame }) => frame);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
  );
});

test("faults of the set-up end the process at once with their exit code and words", async (t) => {
  using home = makeTemporaryHome();
  const key = writeKey(home);
  const base = ["--camera", "porch", "--url", "srt://127.0.0.1:9", "--credentials", key];
  const scene = ["--source", "scene:quiet", "--size", "320x180"];
  const cases: readonly (readonly [readonly string[], number, RegExp, Record<string, string>?])[] = [
    [["--camera", "porch"], 64, /AGENT_OPTION_INVALID.*Usage/],
    [[...base, "--source", "/nowhere.mp4"], 66, /SOURCE_UNREADABLE.*nowhere/],
    [[...base, ...scene, "--credentials", "/nowhere.json"], 78, /AGENT_CREDENTIALS_INVALID/],
    [[...base, ...scene, "--truth", "/proc/truth"], 78, /TRUTH_NOT_WRITABLE/],
    [["--camera", "porch", ...scene, "--url", "file:///proc/out.ts"], 78, /OUTPUT_NOT_WRITABLE/],
    [
      ["--camera", "porch", ...scene, "--url", `file://${home.root}/o.ts`],
      78,
      /FFMPEG_MISSING.*apt-get install ffmpeg/,
      { PATH: home.root },
    ],
    [[...base, "--source", MAIN], 78, /FFMPEG_MISSING.*ffprobe.*apt-get install ffmpeg/, { PATH: home.root }],
  ];
  for (const [argv, code, message, environment] of cases) {
    const agent = startAgent(t, argv, environment);
    assert.equal(await agent.ended, code, argv.join(" "));
    assert.match(agent.log(), message);
  }
});

test("the stream in a file is a video that ffprobe reads", async (t) => {
  using home = makeTemporaryHome();
  const out = join(home.root, "out.ts");
  const agent = startAgent(t, [
    "--camera",
    "porch",
    "--source",
    "scene:stereo",
    "--size",
    "640x180",
    "--url",
    `file://${out}`,
  ]);
  await waitUntil("some stream", () => readOrEmpty(out).length > 60_000, 20_000);
  agent.child.kill("SIGINT");
  assert.equal(await agent.ended, 0);
  const width = execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=width", "-of", "csv=p=0", out], {
    encoding: "utf8",
  });
  assert.match(width, /640/);
});

function readOrEmpty(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function framesOf(file: string): { frame: number; pts90k: number }[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((text) => JSON.parse(text));
}
