/** What takes how much of each disk, from what the archive says. Pure. Units: bytes. */
import type { ArchiveStorage } from "@lanthorn/contract";

/** What a disk's bytes are used by. Order: as they are drawn. */
export const STORAGE_USES = [
  "recordings",
  "clips",
  "exports",
  "previews",
  "database",
  "backups",
  "others",
  "free",
  "floor",
] as const;
/** One of STORAGE_USES. */
export type StorageUse = (typeof STORAGE_USES)[number];

/** A disk with its parts; those of a disk that is there add up to totalBytes. */
export interface DiskParts {
  readonly id: number;
  readonly parts: readonly { readonly use: StorageUse; readonly bytes: number }[];
}

/** The disk of the state directory, where everything but recordings lies (docs/ref/archive-files.md). */
export const STATE_DISK_ID = 1;

/**
 * Takes each disk apart. clipBytes: what clips keep, on all disks; a part of its own only where all recordings lie on one disk, because
 * nobody tells which disk else.
 */
export function partsOf({ disk, disks }: ArchiveStorage, clipBytes: number): DiskParts[] {
  const { exports, previews, thumbnails, database, wal, backups } = disk.bytesByCategory;
  const besides = { exports, previews: previews + thumbnails, database: database + wal, backups };
  const besidesBytes = Object.values(besides).reduce((sum, bytes) => sum + bytes, 0);
  const recordedOn = ({ id, usedBytes }: ArchiveStorage["disks"][number]) =>
    Math.max(0, usedBytes - (id === STATE_DISK_ID ? besidesBytes : 0));
  const isAlone = disks.filter((each) => recordedOn(each) > 0 || each.state === "missing").length === 1;
  return disks.map((each) => {
    const { id, totalBytes, freeBytes, usedBytes, floorBytes } = each;
    const recorded = recordedOn(each);
    const clips = isAlone ? Math.min(clipBytes, recorded) : 0;
    const floor = Math.min(floorBytes, freeBytes);
    const bytesOf: Record<StorageUse, number> = {
      recordings: recorded - clips,
      clips,
      ...(id === STATE_DISK_ID ? besides : { exports: 0, previews: 0, database: 0, backups: 0 }),
      others: Math.max(0, totalBytes - freeBytes - usedBytes),
      free: freeBytes - floor,
      floor,
    };
    return { id, parts: STORAGE_USES.map((use) => ({ use, bytes: bytesOf[use] })) };
  });
}
