import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Export } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import {
  closedSegments,
  complaintsAbout,
  createExport,
  ended,
  exportFolder,
  exportList,
  PATIENCE_MS,
  send,
  verify,
} from "../support/export-rig.ts";

/** Pictures so large that an encoder at the lowest priority is not done before a test gets to it. */
const LARGE = { widthPx: 1280, heightPx: 720, gopFrames: 25 };

/** Processes that do exports of this home, and their encoders. */
function workersOf(rig: ArchiveRig): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const cwd = readText(`/proc/${pid}/environ`);
      return cwd.includes(rig.home.runDir) && /export-worker|\0pipe:1/.test(readText(`/proc/${pid}/cmdline`));
    });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return ""; // the process has ended
  }
}

/** Waits until an export has begun to write. */
async function underWay(rig: ArchiveRig, id: string): Promise<void> {
  await waitUntil(
    "the export is under way",
    async () => {
      const { state, bytes } = Export.parse(await rig.get(`/exports/${id}`));
      assert.ok(state === "queued" || state === "running", `it is ${state} already`);
      return state === "running" && bytes > 0;
    },
    PATIENCE_MS,
  );
}

/** Files of an unfinished export that have their final names must be whole: ffmpeg finds no fault in them. */
async function assertNoHalfFile(rig: ArchiveRig, id: string): Promise<void> {
  const folder = exportFolder(rig, id);
  for (const name of existsSync(folder) ? readdirSync(folder).filter((each) => each.endsWith(".mp4")) : []) {
    await promisify(execFile)("ffprobe", ["-v", "error", join(folder, name)]);
  }
}

test("an export outlives the kill of its worker and of the archive, and ends whole", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { ...LARGE, audio: "aac" });
  await rig.start();
  const segments = await closedSegments(rig, "street", 2);
  const asked = {
    cameras: ["street"],
    fromUs: segments[0]?.startWallUs,
    toUs: segments[1]?.endWallUs,
    mode: "burned-time",
  };
  const { id } = await createExport(rig, asked);
  await underWay(rig, id);
  for (const pid of workersOf(rig)) {
    process.kill(pid, "SIGKILL");
  }
  await rig.archive.logged(/vanished; starting it again/, PATIENCE_MS);
  await underWay(rig, id);
  await rig.archive.kill9();
  await waitUntil("workers end with the archive", () => workersOf(rig).length === 0, PATIENCE_MS);
  await assertNoHalfFile(rig, id);
  await rig.start();
  const done = await ended(rig, id);
  assert.equal(done.state, "done", JSON.stringify(done.error));
  const folder = exportFolder(rig, id);
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    done.files.map(({ name }) => name).toSorted(),
    "nothing is left beside",
  );
  assert.equal((await verify(folder)).code, 0);
  assert.equal(await complaintsAbout(join(folder, done.files[0]?.name ?? "")), "");
  assert.equal((await rig.check()).isClean, true);
});

test("exports wait their turn, are cancelled without a trace, and a full disk or quota is said", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", LARGE);
  await rig.start({ arguments: ["--set", "exports.concurrent=1", "--set", "exports.maxBytes=60000000"] });
  const [first, second] = await closedSegments(rig, "street", 2);
  const asked = { cameras: ["street"], fromUs: first?.startWallUs, toUs: second?.endWallUs, mode: "burned-time" };
  const running = await createExport(rig, asked);
  const waiting = await createExport(rig, asked);
  await underWay(rig, running.id);
  const list = await exportList(rig);
  assert.deepEqual([list.running, list.queued], [1, 1]);
  const early = await rig.request(`/exports/${running.id}/all.zip`);
  assert.match(early.body.toString(), /ARCHIVE_EXPORT_NOT_DONE.*running/);
  for (const { id } of [waiting, running]) {
    const cancelled = Export.parse(JSON.parse((await send(rig, "POST", `/exports/${id}/cancel`)).body.toString()));
    assert.deepEqual([cancelled.state, cancelled.files.length, cancelled.bytes], ["cancelled", 0, 0]);
    assert.equal(existsSync(exportFolder(rig, id)), false);
  }
  await waitUntil("the worker is gone", () => workersOf(rig).length === 0, PATIENCE_MS);
  const file = await rig.request(`/exports/${running.id}/files/manifest.json`);
  assert.match(file.body.toString(), /ARCHIVE_EXPORT_NOT_DONE.*cancelled/);
  const doomed = await createExport(rig, asked);
  const failed = await waitUntil(
    "an export whose worker is killed again and again fails",
    async () => {
      for (const pid of workersOf(rig)) {
        process.kill(pid, "SIGKILL");
      }
      const view = Export.parse(await rig.get(`/exports/${doomed.id}`));
      return view.state === "failed" ? view : undefined;
    },
    PATIENCE_MS,
  );
  assert.equal(failed.error?.code, "ARCHIVE_EXPORT_WORKER_ENDED");
  await rig.archive.stop();
  await rig.start({ arguments: ["--set", "exports.maxBytes=1000000"] });
  const refused = await send(rig, "POST", "/exports", asked);
  assert.match(refused.body.toString(), /ARCHIVE_EXPORT_QUOTA.*1000000/);
  assert.equal(refused.statusCode, 507);
  assert.deepEqual(readdirSync(join(rig.stateDir, "exports")), []);
});
