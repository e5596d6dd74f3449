/** Deletes segments: the steps of docs/design/archive.md#retention, and what goes with them. */
import { readdir, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dayNumberOf, segmentFileOf, thumbnailDirOf, utcDayAndTime } from "../recording/recording-paths.ts";
import { removeDeletedRows } from "../recording/recovery.ts";
import type { KeptSegment } from "../store/retention-table.ts";
import type { Store } from "../store/store.ts";

/** What a deletion works on. */
export interface DeletionContext {
  readonly stateDir: string;
  readonly store: Store;
}

/**
 * Steps 1 and 2: afterwards the bytes are free. Gives those whose files are gone; the others stay marked, and the next start goes on with
 * them. Throws: what SQLite throws; then nothing was deleted.
 */
export async function deleteFiles<Segment extends KeptSegment>(
  { store }: DeletionContext,
  victims: readonly Segment[],
): Promise<{ gone: Segment[]; faults: unknown[] }> {
  store.transaction(() => {
    for (const { id } of victims) {
      store.segments.markDeleting(id);
    }
    // In the order of recording: at the end of everything each one lengthens the gap of the one before.
    for (const victim of victims.toSorted((a, b) => a.id - b.id)) {
      if ((store.segments.oldestStartOf(victim.cameraRow) ?? Number.POSITIVE_INFINITY) < victim.startWallUs) {
        store.retention.closeHole(victim);
      }
    }
  });
  const results = await Promise.allSettled(victims.map((victim) => unlinkIfThere(segmentFileOf(store.disks, victim))));
  return {
    gone: victims.filter((_, index) => results[index]?.status === "fulfilled"),
    faults: results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])),
  };
}

/** Steps 3 to 5, for segments whose files are gone. Throws what the file system and SQLite throw: the rows stay marked then, and the next start goes on. */
export async function settleDeleted(context: DeletionContext, gone: readonly KeptSegment[]): Promise<void> {
  const { store } = context;
  await removeDeletedRows(context, gone);
  for (const directory of new Set(gone.map((segment) => dirname(segmentFileOf(store.disks, segment))))) {
    await rmdir(directory).catch(() => {}); // not empty: other segments of that day stay
  }
  for (const [camera, lastUs] of newestByCamera(gone)) {
    await forgetBefore(context, camera, lastUs);
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") {
      throw error;
    }
  });
}
function newestByCamera(victims: readonly KeptSegment[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { camera, endWallUs } of victims) {
    newest.set(camera, Math.max(endWallUs, newest.get(camera) ?? 0));
  }
  return newest;
}

/** What happened and what was missing before the oldest recording of a camera is forgotten with it. */
async function forgetBefore({ store, stateDir }: DeletionContext, camera: string, lastUs: number): Promise<void> {
  const rows = store.cameras.list().filter(({ slug }) => slug === camera);
  const starts = rows.map(({ id }) => ({ id, oldestUs: store.segments.oldestStartOf(id) }));
  const known = starts.flatMap(({ oldestUs }) => (oldestUs === undefined ? [] : [oldestUs]));
  const keptFromUs = known.length === 0 ? lastUs : Math.min(...known);
  store.transaction(() => {
    for (const { id, oldestUs } of starts) {
      store.gaps.prune(id, oldestUs ?? lastUs);
      store.events.prune(id, keptFromUs);
    }
  });
  const mainRow = store.cameras.find(camera);
  const oldestDay = utcDayAndTime(dayNumberOf(keptFromUs) * 86_400_000_000).day;
  for (const name of await readdir(thumbnailDirOf(stateDir, camera)).catch(() => [])) {
    const day = /^(\d{4}-\d\d-\d\d)\.jpegs$/.exec(name)?.[1];
    const dayNumber = Math.floor(Date.parse(day ?? "") / 86_400_000);
    const isUsed = mainRow === undefined || day === undefined || store.events.hasPictureIn(mainRow, dayNumber);
    if (day !== undefined && day < oldestDay && !isUsed) {
      await rm(join(thumbnailDirOf(stateDir, camera), name), { force: true });
    }
  }
}
