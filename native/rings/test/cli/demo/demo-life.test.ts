/** How the demo starts, ends, is killed and comes again. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test as nodeTest, type TestContext } from "node:test";
import { systemClock } from "@lanthorn/base";
import { followByteRing, followSlotRing, listRings, RecordDecoder } from "../../../src/index.ts";
import { COMMAND, childrenOf, isAlive, startDemo, until } from "../../support/demo-process.ts";
import { testRingName } from "../../support/ring-names.ts";

const test = (name: string, body: (t: TestContext) => Promise<void>) => nodeTest(name, { timeout: 120_000 }, body);
const SMALL = ["--size", "160x120"];
const objectsOf = (prefix: string) => readdirSync("/dev/shm").filter((name) => name.startsWith(prefix));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends the demo with exit code 0 and nothing left, neither ring nor encoder`, async () => {
    const prefix = testRingName();
    const demo = await startDemo(["--prefix", prefix, ...SMALL]);
    const [encoder = 0] = childrenOf(demo.pid);
    assert.ok(isAlive(encoder));
    assert.equal(objectsOf(prefix).length, 16 + 11, "frame rings have a lease object each");
    assert.equal(await demo.end(signal), 0, demo.text());
    assert.deepEqual(objectsOf(prefix), []);
    assert.ok(!isAlive(encoder));
  });
}

test("--seconds ends it by itself; rates are told meanwhile", async () => {
  const prefix = testRingName();
  const demo = await startDemo(["--prefix", prefix, "--only", "imu,gray", "--seconds", "6", ...SMALL]);
  assert.equal(await demo.ended, 0);
  const [, gray, imu] = /cores {2}per second: gray ([\d.]+) {2}imu ([\d.]+)/.exec(demo.text()) ?? [];
  assert.ok(Number(gray) > 0 && Number(imu) > 0, demo.text());
  assert.deepEqual(objectsOf(prefix), []);
});

test("killed and started again, the demo takes its names over and readers that follow read on", async () => {
  const prefix = testRingName();
  const args = ["--prefix", prefix, ...SMALL];
  const first = await startDemo(args);
  const [encoder = 0] = childrenOf(first.pid);
  const controller = new AbortController();
  const follow = { clock: systemClock, signal: controller.signal };
  const counts = { frames: 0, imu: 0, reopened: 0 };
  const decoder = new RecordDecoder();
  const following = [
    followSlotRing({
      ...follow,
      name: `${prefix}.nv12.frames`,
      onFrame: () => {
        counts.frames += 1;
      },
      onReopen: () => {
        counts.reopened += 1;
      },
    }),
    followByteRing({
      ...follow,
      name: `${prefix}.imu.imu`,
      from: "end",
      onRecord: (record, reader) => {
        counts.imu += decoder.decode(record, reader).kind === "imu" ? 1 : 0;
      },
    }),
  ];
  await until(() => counts.frames > 3 && counts.imu > 3);
  await first.end("SIGKILL");
  assert.ok(listRings(prefix).every(({ alive }) => !alive));
  await until(() => !isAlive(encoder)); // its pipe is broken: it does not outlive the demo
  const second = await startDemo(args);
  Object.assign(counts, { frames: 0, imu: 0 });
  await until(() => counts.frames > 3 && counts.imu > 3);
  assert.equal(counts.reopened, 1);
  assert.ok(listRings(prefix).every(({ alive, writerPid }) => alive && writerPid === second.pid));
  assert.equal(await second.end("SIGTERM"), 0);
  controller.abort();
  await Promise.all(following);
  assert.deepEqual(objectsOf(prefix), []);
});

test("a second demo of the same names is refused, told what to do, and harms nothing", async () => {
  const args = ["--prefix", testRingName(), "--only", "gray", ...SMALL];
  const first = await startDemo(args);
  const second = await startDemo(args);
  assert.equal(await second.ended, 1);
  assert.match(second.text(), /gray\.frames.*\n.*--prefix demo2/);
  assert.equal(await first.end("SIGTERM"), 0);
});

test("without ffmpeg the demo says so and goes on without packets", async () => {
  const prefix = testRingName();
  const empty = mkdtempSync(`${tmpdir()}/lanthorn-empty-`);
  const demo = await startDemo(["--prefix", prefix, "--only", "packets,imu"], { PATH: empty });
  await until(() => demo.text().includes("No packets"));
  assert.match(demo.text(), new RegExp(`No packets in ${prefix}\\.camera\\.packets: ffmpeg is not installed`));
  assert.deepEqual(
    listRings(prefix).map(({ name }) => name),
    [`${prefix}.imu.imu`],
  );
  assert.equal(await demo.end("SIGTERM"), 0);
  rmSync(empty, { recursive: true });
});

test("too small a /dev/shm is an error that names ring and bytes and what to leave out; nothing is left behind", async (t) => {
  const script = 'mount -t tmpfs -o size=4m tmpfs /dev/shm && "$0" "$1" demo; code=$?; ls -A /dev/shm; exit $code';
  const run = spawnSync("unshare", ["-m", "sh", "-c", script, process.execPath, COMMAND], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (run.error !== undefined || /^(unshare|mount):/m.test(run.stderr)) {
    t.skip(`NOT TESTED, this user may not mount a small /dev/shm: ${run.stderr || run.error?.message}`);
    return;
  }
  assert.equal(run.status, 1);
  assert.match(
    run.stderr,
    /Ring demo\.bgr24\.frames needs \d+ bytes of \/dev\/shm and \d+ are free: \d+ bytes missing/,
  );
  assert.match(run.stderr, /--only \S+,packets\) or smaller pictures/);
  assert.equal(run.stdout, "");
});
