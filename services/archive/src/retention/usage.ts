/** What everything that this service writes takes, by what it is. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { databaseFileOf } from "../store/database.ts";

/** What is counted. Order: as it usually weighs. */
export const USAGE_CATEGORIES = [
  "recordings",
  "exports",
  "previews",
  "thumbnails",
  "backups",
  "database",
  "wal",
] as const;
/** One of USAGE_CATEGORIES. */
export type UsageCategory = (typeof USAGE_CATEGORIES)[number];

/** Bytes of each. */
export type Usage = Readonly<Record<UsageCategory, number>>;

/** Folders below the state directory that are walked. */
const FOLDERS = ["exports", "previews", "thumbnails", "backups"] as const;

/** Bytes in the folders of a state directory; reads every name in them, so not more often than once a minute. */
export async function measureFolders(stateDir: string): Promise<Pick<Usage, (typeof FOLDERS)[number]>> {
  const sizes = { exports: 0, previews: 0, thumbnails: 0, backups: 0 };
  for (const folder of FOLDERS) {
    sizes[folder] = await bytesBelow(join(stateDir, folder));
  }
  sizes.backups += await setAsideBytes(stateDir);
  return sizes;
}

/** Bytes of archive.db and of its log. */
export async function measureDatabase(stateDir: string): Promise<Pick<Usage, "database" | "wal">> {
  const file = databaseFileOf(stateDir);
  return { database: await sizeOf(file), wal: (await sizeOf(`${file}-wal`)) + (await sizeOf(`${file}-shm`)) };
}

/** What repairs moved away, and databases that were replaced: kept until somebody deletes them. */
async function setAsideBytes(stateDir: string): Promise<number> {
  let sum = await bytesBelow(join(stateDir, "lost+found"));
  const names = await readdir(stateDir).catch(() => []);
  for (const name of names.filter((each) => /^archive\.db\..*\.replaced/.test(each))) {
    sum += await sizeOf(join(stateDir, name));
  }
  return sum;
}

/** What a file takes on the disk: whole blocks. */
async function sizeOf(path: string): Promise<number> {
  return ((await stat(path).catch(() => undefined))?.blocks ?? 0) * 512; // stat(2): blocks of 512 bytes, whatever the file system's are
}

async function bytesBelow(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    sum += (await sizeOf(path)) + (entry.isDirectory() ? await bytesBelow(path) : 0);
  }
  return sum;
}
