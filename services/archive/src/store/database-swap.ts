/**
 * Puts a finished database in the place of archive.db. At every instant archive.db is the old one or the new one, each whole:
 * the old one's log is folded into it first (a log that outlives its database would be replayed into the new one), then one rename.
 * What was replaced is kept beside it.
 */
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { isoTime } from "@lanthorn/base";
import Sqlite from "better-sqlite3";
import { directoryTarget } from "../recording/durable-file.ts";
import { databaseFileOf } from "./database.ts";

/** Makes a file's bytes durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces archive.db by a closed, finished database of the same directory. Returns where the old one lies now; undefined when there was none. */
export async function replaceDatabase(stateDir: string, newFile: string, nowUs: number): Promise<string | undefined> {
  const file = databaseFileOf(stateDir);
  await syncFile(newFile);
  foldLog(file);
  const kept = keptName(file, nowUs);
  const had = existsSync(file);
  if (had) {
    link(file, kept);
  }
  for (const suffix of ["-wal", "-shm"]) {
    if (existsSync(file + suffix)) {
      // Only where the log could not be folded in: the old database is unreadable, and keeps its log under the kept name.
      link(file + suffix, kept + suffix);
      await directoryTarget(stateDir).sync();
      rmSync(file + suffix);
    }
  }
  await directoryTarget(stateDir).sync();
  renameSync(newFile, file);
  await directoryTarget(stateDir).sync();
  return had ? kept : undefined;
}

/** Folds the write-ahead log into the database and removes it, where the database can be opened at all. */
function foldLog(file: string): void {
  if (!existsSync(`${file}-wal`)) {
    return;
  }
  try {
    const database = new Sqlite(file, { timeout: 1000, fileMustExist: true });
    try {
      database.pragma("wal_checkpoint(truncate)");
    } finally {
      database.close(); // the last connection removes the empty log and its index
    }
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) {
      throw error;
    }
  }
}

function keptName(file: string, nowUs: number): string {
  const stamp = isoTime(nowUs).slice(0, 19).replaceAll(":", "-");
  let name = `${file}.${stamp}.replaced`;
  for (let count = 2; existsSync(name); count++) {
    name = `${file}.${stamp}-${count}.replaced`;
  }
  return name;
}

/** A second name for a file; where the file system knows none (FAT), the file is moved. */
function link(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw error;
    }
    renameSync(file, name);
  }
}
