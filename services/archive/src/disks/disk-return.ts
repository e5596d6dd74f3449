/**
 * A disk that was away is back: its files and rows are brought into agreement before anything is served from it, while the others go on
 * recording. A numbered procedure: docs/design/archive.md#disks; the numbers stand at the steps below.
 */
import { open } from "node:fs/promises";
import { usOf90k } from "../recording/media-time.ts";
import { segmentFileOf } from "../recording/recording-paths.ts";
import { completeFile, type Found, finishDeleting, type RecoveryContext, settleFile } from "../recording/recovery.ts";
import type { DiskRow } from "../store/disk-table.ts";

/** Complete segments of a stream whose files may be longer than their rows say: the last ones written before the disk went. */
const UNSURE_SEGMENTS = 3;

/** Settles a disk. Throws what the disk throws: then it is not back. */
export async function welcomeDisk(context: Omit<RecoveryContext, "bootId">, disk: DiskRow): Promise<void> {
  const { store } = context;
  const rows = store.segments.unsettled().filter((row) => row.disk === disk.id);
  await finishDeleting(
    context,
    rows.filter(({ state }) => state === "deleting"),
  ); // step 1
  for (const row of rows.filter(({ state }) => state === "open")) {
    const found = await settleFile(context, row); // step 2
    if (found !== undefined) {
      await closeReturned(context, found); // step 3
    }
  }
  for (const { id } of store.cameras.list()) {
    for (const segment of store.retention.newestOn(id, disk.id, UNSURE_SEGMENTS)) {
      await cutSurplus(segmentFileOf(store.disks, segment), segment.fileBytes); // step 4
    }
  }
}

/** The row of a segment was left open while others were recorded elsewhere: what counted as missing there is not. */
async function closeReturned({ store }: Pick<RecoveryContext, "store">, found: Found): Promise<void> {
  const { file, row, duration90k } = found;
  const complete = await completeFile(found);
  if (complete === undefined) {
    return;
  }
  const endWallUs = row.startWallUs + usOf90k(duration90k);
  store.transaction(() => {
    store.segments.close({ ...complete, endWallUs });
    store.gaps.carve(row.cameraRow, row.startWallUs, endWallUs);
    const before = store.segments.before(row);
    const next = store.segments.after(row);
    if (before !== undefined) {
      store.gaps.fill(row.cameraRow, before.endWallUs, row.startWallUs, "disk-error");
    }
    store.gaps.fill(row.cameraRow, endWallUs, next?.startWallUs, "disk-error");
  });
  await file.close();
}

/** Bytes were written after the last that are known to be durable: the row counts, the file follows. */
async function cutSurplus(path: string, bytes: number): Promise<void> {
  const handle = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined; // `lanthorn check` tells
    }
    throw error;
  });
  try {
    if (handle !== undefined && (await handle.stat()).size > bytes) {
      await handle.truncate(bytes);
      await handle.sync();
    }
  } finally {
    await handle?.close();
  }
}
