/**
 * Faults of the disk under a running archive, which stays up all along: slow, or refusing reads. Argument: slow or reads. Writes a line of JSON.
 * Disks whose file system gives up: state-disk-scene.ts.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CameraId } from "@lanthorn/contract";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import { ForgetfulDisk } from "../power-cut/forgetful-disk.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { KeptArchive } from "../support/kept-archive.ts";
import { filesOf } from "../support/recording-on-disk.ts";
import { SoundArchive } from "../support/sound-archive.ts";

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
  assert.deepEqual((await rig.check()).faults, []); // and the kernel remembers the database: only footage is to be refused
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
}

const FAULTS: Record<string, () => Promise<void>> = { slow, reads };

const sound = new SoundArchive(rig, CAMERAS);
const fault = process.argv[2] ?? "";
let archive: KeptArchive | undefined;
try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  archive = await KeptArchive.start(rig);
  await (FAULTS[fault] ?? assert.fail(`expected one of ${Object.keys(FAULTS)}`))();
  const lossS = await sound.newGapsS();
  assert.deepEqual([...lossS.values()], [0, 0], "nothing is missing");
  assert.equal(archive.starts, 1, "the archive stays up");
  await sound.judge({ fault, lossS });
  await archive.stop();
  await sound.judgeAtRest();
  process.stdout.write(`${JSON.stringify({ fault, ...sound.summary })}\n`);
} catch (thrown) {
  process.stdout.write(`${(thrown as Error).stack}\n${archive?.log().slice(-8000)}\n`);
  process.exitCode = 1;
} finally {
  await archive?.powerOff();
  sound[Symbol.dispose]();
  await disk[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
}
