/** Deletes segments: the four steps of docs/design/archive.md#retention, and what goes with them. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dayNumberOf, segmentFileOf, thumbnailDirOf, utcDayAndTime } from "../recording/recording-paths.ts";
import { finishDeleting } from "../recording/recovery.ts";
import type { KeptSegment } from "../store/retention-table.ts";
import type { Store } from "../store/store.ts";

/** What a deletion works on. */
export interface DeletionContext {
  readonly stateDir: string;
  readonly store: Store;
}

/** Deletes segments; afterwards their bytes are free. Throws what the file system throws: the rows stay marked then, and the next start goes on. */
export async function deleteSegments(context: DeletionContext, victims: readonly KeptSegment[]): Promise<void> {
  const { store } = context;
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
  await finishDeleting(context, victims);
  for (const directory of new Set(victims.map((segment) => dirname(segmentFileOf(store.disks, segment))))) {
    await rmdir(directory).catch(() => {}); // not empty: other segments of that day stay
  }
  for (const [camera, lastUs] of newestByCamera(victims)) {
    await forgetBefore(context, camera, lastUs);
  }
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
