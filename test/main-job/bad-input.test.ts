import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { makeHomeDirectory, type RunnerOptions, RunningSystem, sharedMemoryObjects } from "./running-system.ts";

/** Runs until it ends by itself and says how. */
async function runToEnd(args: readonly string[], options: RunnerOptions & { home?: string } = {}) {
  const home = makeHomeDirectory();
  try {
    return await new RunningSystem(options.home ?? home.path, args, options).ended;
  } finally {
    home.remove();
  }
}

test("an unknown option is named, with where to find the known ones", async () => {
  const { exitCode, stderr } = await runToEnd(["--colour", "red"]);
  assert.equal(exitCode, 64);
  assert.match(stderr, /Unknown option '--colour'.*--help/s);
});

test("a port out of range names the option, what it expects and what came", async () => {
  const { exitCode, stderr } = await runToEnd(["--srt-port", "70000"]);
  assert.equal(exitCode, 64);
  assert.match(stderr, /Expected a port from 0 to 65535 for --srt-port but received 70000/);
});

test("a camera file that is not there is named before anything starts", async () => {
  const { exitCode, stderr } = await runToEnd(["--camera", "/nonexistent/porch.mp4"]);
  assert.equal(exitCode, 66);
  assert.match(stderr, /\/nonexistent\/porch\.mp4/);
});

test("a taken SRT port is named with the way out, and nothing is left running", async () => {
  const holder = createSocket("udp4");
  holder.bind(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address();
  const { exitCode, stderr } = await runToEnd(["--srt-port", String(port)]);
  holder.close();
  assert.notEqual(exitCode, 0);
  assert.match(stderr, new RegExp(`ingest did not start.*${port}`, "s"));
});

for (const { option, service } of [
  { option: "--web-port", service: "web" },
  { option: "--mqtt-port", service: "automation" },
]) {
  test(`a taken ${option} is named with the way out`, async () => {
    const holder = createServer();
    holder.listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const { exitCode, stderr } = await runToEnd([option, String(port)]);
    holder.close();
    assert.notEqual(exitCode, 0);
    assert.match(stderr, new RegExp(`${service} did not start.*${port}`, "s"));
  });
}

test("an unwritable home is named with --home as the way out", async () => {
  const { exitCode, stderr } = await runToEnd([], { home: "/proc/lanthorn" });
  assert.equal(exitCode, 77);
  assert.match(stderr, /Cannot write to \/proc\/lanthorn.*--home/s);
});

test("a home whose path is too long for unix sockets is refused in words", async () => {
  const { exitCode, stderr } = await runToEnd([], { home: `/tmp/${"long".repeat(30)}` });
  assert.equal(exitCode, 64);
  assert.match(stderr, /unix socket paths/);
});

test("a missing ffmpeg is named with the Debian package", async () => {
  const home = makeHomeDirectory();
  const bin = join(home.path, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  const { exitCode, stderr } = await runToEnd([], { environment: { PATH: bin } });
  home.remove();
  assert.equal(exitCode, 78);
  assert.match(stderr, /apt-get install ffmpeg/);
});

test("a /dev/shm that is too small is refused with the figures and the fix", async (t) => {
  const script = 'mount -t tmpfs -o size=24M tmpfs /dev/shm && exec "$@"';
  const wrapper = ["unshare", "--mount", "sh", "-c", script, "sh"];
  const { exitCode, stderr } = await runToEnd([], { wrapper });
  if (/unshare failed|permission denied/i.test(stderr)) {
    t.skip("this machine does not let the test make a mount namespace");
    return;
  }
  assert.equal(exitCode, 71);
  assert.match(stderr, /\/dev\/shm has 24 MiB free.*mount -o remount/s);
});

test("a second start in the same home is refused and the first goes on", async () => {
  const home = makeHomeDirectory();
  const first = new RunningSystem(home.path, ["--camera", "scene:quiet"]);
  await first.ready();
  const second = await new RunningSystem(home.path, []).ended;
  assert.equal(second.exitCode, 78);
  assert.match(second.stderr, /already runs.*--home/s);
  const { exitCode } = await first.stop();
  assert.equal(exitCode, 0);
  assert.deepEqual(sharedMemoryObjects(`${first.ringPrefix}.`), []);
  home.remove();
});

test("a broken configuration file names every fault and its key", async () => {
  const home = makeHomeDirectory();
  mkdirSync(join(home.path, "etc"));
  writeFileSync(join(home.path, "etc/ingest.toml"), "[srt]\nlatencyMs = 'soon'\ncolour = 1\n");
  chmodSync(join(home.path, "etc/ingest.toml"), 0o600);
  const { exitCode, stderr } = await runToEnd([], { home: home.path });
  home.remove();
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /srt\.latencyMs/);
  assert.match(stderr, /colour/);
});
