/** Faults of the disk under a running archive: slow, refusing writes and syncs until ext4 gives up, refusing reads. Argument: slow, error or reads. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CameraId } from "@lanthorn/contract";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import { ForgetfulDisk } from "../power-cut/forgetful-disk.ts";
import { ArchiveRig, complaintsOf } from "../support/archive-rig.ts";
import { filesOf } from "../support/recording-on-disk.ts";

const CAMERAS = ["street", "quiet"];
const DISK_BYTES = 192 * 1024 * 1024;
const WATCHDOG_MS = 120_000;

const rig = new ArchiveRig();
const disk = await ForgetfulDisk.make(rig.home.root, DISK_BYTES);
await disk.mount(rig.stateDir);

const recorded = async (seconds: number) =>
  await waitUntil(
    `${seconds} s of each camera`,
    // Rows are synced on the thread that answers: on a slow disk an answer may come too late.
    async () => (await rig.status().catch(() => undefined))?.cameras.every(({ recordedS }) => recordedS > seconds),
    WATCHDOG_MS,
  );

/** 500 ms to 1 s for each sync of the disk: packets wait in memory and rings, none is lost. */
async function slow(): Promise<void> {
  await recorded(2);
  await disk.slow(500, 1000);
  await recorded(20);
  await disk.slow(0, 0);
  await recorded(30);
  for (const camera of CAMERAS) {
    assert.deepEqual((await rig.timeline(camera)).gaps, [], `${camera} lacks footage`);
  }
}

/** ext4 gives up (errors=remount-ro): the archive says so and stays up; a new mount and a new start find all that was shown. The rings outlive it, so little or nothing is missing. */
async function error(): Promise<void> {
  await recorded(4);
  const { pid } = rig.archive;
  const ends = new Map<string, number>();
  for (const camera of CAMERAS) {
    ends.set(camera, Math.max(...(await rig.timeline(camera)).segments.map(({ endWallUs }) => endWallUs)));
  }
  await disk.fail("writes", true);
  await disk.fail("syncs", true);
  await waitUntil(
    "disk-error, and health that says so",
    async () =>
      (await rig.status()).cameras.every(({ state }) => state === "disk-error") &&
      (await rig.request("/health")).statusCode === 503,
    WATCHDOG_MS,
  );
  assert.equal(rig.archive.pid, pid);
  await disk.fail("writes", false);
  await disk.fail("syncs", false);
  await rig.archive.kill9();
  await disk.unmount();
  await disk.mount(rig.stateDir);
  await rig.start();
  await recorded(2);
  for (const camera of CAMERAS) {
    const { segments } = await rig.timeline(camera);
    const shownUs = ends.get(camera) ?? 0;
    assert.ok(
      segments.some(({ startWallUs, endWallUs }) => startWallUs < shownUs && endWallUs >= shownUs),
      camera,
    );
  }
}

/** Files that the disk does not give: who asks for them is told, everything else goes on, and they are there again when it does. */
async function reads(): Promise<void> {
  await recorded(14);
  const { segments } = await rig.ask(LIST_SEGMENTS, { query: { camera: CameraId.parse("street") } });
  const oldest = segments.at(-1) ?? assert.fail();
  const path = `/cameras/street/recording.mp4?fromUs=${oldest.startWallUs}&toUs=${oldest.startWallUs + 1_000_000}`;
  const whole = await rig.request(path);
  assert.equal(whole.statusCode, 200);
  const [file] = filesOf(rig.stateDir, "street").slice(-1);
  await disk.fail("reads", true);
  // What the kernel remembers of the file, and of the disk below it, goes: GNU dd asks for that by POSIX_FADV_DONTNEED.
  for (const forgotten of [file, disk.file]) {
    execFileSync("dd", ["status=none", `if=${forgotten}`, "iflag=nocache", "count=0"]);
  }
  const refused = await rig.request(path);
  assert.equal(refused.statusCode, 500);
  assert.match(refused.body.toString(), /ARCHIVE_SEGMENT_UNREADABLE.*EIO/);
  const findings = await rig.check();
  assert.ok(
    findings.faults.some(({ invariant, detail }) => invariant === "F4" && /cannot be read: EIO/.test(detail)),
    JSON.stringify(findings.faults),
  );
  await recorded(18);
  await disk.fail("reads", false);
  assert.deepEqual((await rig.request(path)).body, whole.body);
  for (const camera of CAMERAS) {
    assert.deepEqual((await rig.timeline(camera)).gaps, [], `${camera} lacks footage`);
  }
}

const FAULTS: Record<string, () => Promise<void>> = { slow, error, reads };

try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await rig.start();
  await (FAULTS[process.argv[2] ?? ""] ?? assert.fail(`expected one of ${Object.keys(FAULTS)}`))();
  assert.deepEqual((await rig.check()).faults, []);
  await rig.archive.stop();
  for (const file of CAMERAS.flatMap((camera) => filesOf(rig.stateDir, camera))) {
    assert.equal(await complaintsOf(file), "", file);
  }
  process.stdout.write("recording went on, files play\n");
} catch (thrown) {
  process.stdout.write(`${(thrown as Error).stack}\n`);
  process.stdout.write(rig.archive.log().slice(-8000));
  throw thrown;
} finally {
  await disk[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
}
