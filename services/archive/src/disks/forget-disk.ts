/**
 * `lanthorn archive disks`: what lies on which disk, and forgetting one that will not come back. Only while the service is stopped: it would
 * write to what is forgotten. Source: docs/design/archive.md#disks. Tested: test/disks/forget-disk.test.ts.
 */
import { archiveErrors } from "../error-codes.ts";
import { settleGaps } from "../repair/gaps.ts";
import { openForReading, openForWriting } from "../store/database.ts";
import { type DiskRow, STATE_DISK } from "../store/disk-table.ts";
import { makeStore, type Store } from "../store/store.ts";
import { lockArchive } from "../store/writer-lock.ts";
import { isDiskThere } from "./disk-identity.ts";

/** A disk, and what the index says lies on it. */
export interface DiskHolding {
  readonly uuid: string;
  readonly directory: string;
  /** Whether it is at its directory now. */
  readonly isThere: boolean;
  readonly segments: number;
  readonly bytes: number;
}

/** Every disk there ever was. Throws: ARCHIVE_STATE_MISSING, ARCHIVE_DATABASE_UNREADABLE. */
export async function listDisks(stateDir: string): Promise<DiskHolding[]> {
  const store = makeStore(openForReading(stateDir));
  try {
    return await Promise.all(store.disks.list().map((disk) => holdingOf(store, disk)));
  } finally {
    store.database.close();
  }
}

/**
 * Forgets a disk: its recordings' rows go, with a gap `file-lost` where others stay, and its own. confirm: its directory, word for word.
 * Throws: ARCHIVE_IN_USE, ARCHIVE_DISK_UNKNOWN, ARCHIVE_DISK_NOT_GONE, ARCHIVE_DISK_UNCONFIRMED; nothing has changed then.
 */
export async function forgetDisk(stateDir: string, uuid: string, confirm: string | undefined): Promise<DiskHolding> {
  openForReading(stateDir).close(); // there is an archive, or this throws
  const lock = lockArchive(stateDir, 0);
  try {
    const store = makeStore(openForWriting(stateDir));
    try {
      const disk = store.disks.list().find((each) => each.uuid === uuid);
      if (disk === undefined) {
        const disks = store.disks.list().map((each) => each.uuid);
        throw archiveErrors.make("ARCHIVE_DISK_UNKNOWN", { uuid, disks: disks.join(", ") });
      }
      const holding = await holdingOf(store, disk);
      // The service has looked for it at every place of archive.toml; here only the last one is known.
      if (disk.id === STATE_DISK || disk.state === "present" || holding.isThere) {
        throw archiveErrors.make("ARCHIVE_DISK_NOT_GONE", { uuid, directory: disk.directory });
      }
      if (confirm !== disk.directory) {
        const { directory, segments, bytes } = holding;
        throw archiveErrors.make("ARCHIVE_DISK_UNCONFIRMED", { uuid, directory, segments, bytes });
      }
      store.transaction(() => forgetRows(store, disk));
      return holding;
    } finally {
      store.database.close();
    }
  } finally {
    lock.release();
  }
}

async function holdingOf(store: Store, disk: DiskRow): Promise<DiskHolding> {
  const { segments, bytes } = store.database
    .prepare<[number], { segments: number; bytes: number | null }>(
      "select count(*) as segments, sum(file_bytes) as bytes from segment where disk_id = ?",
    )
    .get(disk.id) ?? { segments: 0, bytes: 0 };
  const { uuid, directory } = disk;
  return { uuid, directory, isThere: await isDiskThere(disk), segments, bytes: bytes ?? 0 };
}

function forgetRows(store: Store, disk: DiskRow): void {
  const rows = store.database
    .prepare<[number], { id: number; cameraRow: number }>(
      "select id, camera_id as cameraRow from segment where disk_id = ? order by id",
    )
    .all(disk.id);
  for (const { id } of rows) {
    store.segments.markDeleting(id);
    store.segments.remove(id);
  }
  for (const cameraRow of new Set(rows.map((row) => row.cameraRow))) {
    settleGaps(store, cameraRow, "file-lost");
  }
  store.disks.remove(disk.id);
}
