/**
 * `lanthorn archive reindex`: makes archive.db anew from the files, in a file beside it, and puts it in its place at the very end.
 * No recording is changed: unfinished files get rows that the next start of the service settles. Source: docs/design/archive.md#reindex.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import Sqlite, { type Database } from "better-sqlite3";
import { backupsDirOf, backupTimeOf } from "../backup/backup-plan.ts";
import { archiveErrors } from "../error-codes.ts";
import { streamOfName } from "../recording/recording-paths.ts";
import { databaseFileOf } from "../store/database.ts";
import { replaceDatabase } from "../store/database-swap.ts";
import { migrate } from "../store/migrations.ts";
import { makeStore, type Store } from "../store/store.ts";
import { lockArchive } from "../store/writer-lock.ts";
import { type IndexedStream, takeDisks, withAbsent } from "./disks-of-reindex.ts";
import { readInOrder } from "./read-in-order.ts";
import { listRecordings, type NamedFile } from "./recording-files.ts";
import { OldDatabase, removeDatabase, type SalvagedTable } from "./salvage.ts";
import { readSegmentFile } from "./segment-file.ts";
import { type LeftOut, type PlacedFile, StreamIndex } from "./stream-index.ts";

/** How far it is. */
export interface ReindexProgress {
  readonly filesDone: number;
  readonly filesInAll: number;
  /** Bytes of the recordings gone through, read or skipped. */
  readonly bytesDone: number;
  /** Rows taken over from old databases. */
  readonly rowsKept: number;
}

/** How to reindex. */
export interface ReindexOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  /** Directories of more disks, for when no old database names them. */
  readonly disks?: readonly string[];
  /** Also reads every sample. */
  readonly verifySamples?: boolean;
  /** Databases to take events from, best first. Unless named: archive.db itself, and the newest backup where that is damaged. */
  readonly eventsFrom?: readonly string[];
  readonly onProgress?: (progress: ReindexProgress) => void;
}

/** What a reindex did. */
export interface ReindexReport {
  readonly segments: number;
  /** Segments whose files are unfinished: the next start of the service settles them. */
  readonly unfinished: number;
  readonly recordedS: number;
  readonly bytes: number;
  readonly readBytes: number;
  readonly seconds: number;
  /** Gaps whose cause an old database knew, and those whose cause only files tell. */
  readonly gapsKnown: number;
  readonly gapsGuessed: number;
  readonly leftOut: readonly LeftOut[];
  readonly salvaged: readonly { file: string; tables: readonly SalvagedTable[] }[];
  readonly unreadable: readonly { file: string; reason: string }[];
  /** Where the old database lies now. */
  readonly replaced: string | undefined;
}

/** Files read at once: enough to keep a disk busy, few enough to keep memory small. */
const FILES_AT_ONCE = 8;
/** Files a transaction. */
const BATCH = 500;

/** Rebuilds the index. Throws: ARCHIVE_IN_USE, ARCHIVE_STATE_MISSING, ARCHIVE_REINDEX_INVALID. */
export async function reindex(options: ReindexOptions): Promise<ReindexReport> {
  const { stateDir, clock } = options;
  const lock = lockArchive(stateDir, 0);
  const newFile = `${databaseFileOf(stateDir)}.reindexing`;
  const startedNs = clock.monoNs();
  removeDatabase(newFile); // of a run that was interrupted
  const past = openOld(stateDir, options.eventsFrom, newFile);
  try {
    const database = openNew(newFile);
    const made = await build(database, past.databases, options).finally(() => database.close());
    past.close();
    const replaced = await replaceDatabase(stateDir, newFile, clock.wallUs());
    const seconds = Number(clock.monoNs() - startedNs) / 1e9;
    return { ...made, unreadable: past.unreadable, seconds, replaced };
  } finally {
    past.close();
    removeDatabase(newFile);
    lock.release();
  }
}

interface Past {
  readonly databases: readonly OldDatabase[];
  readonly unreadable: { file: string; reason: string }[];
  close(): void;
}

function openOld(stateDir: string, asked: readonly string[] | undefined, newFile: string): Past {
  const unreadable: { file: string; reason: string }[] = [];
  const databases: OldDatabase[] = [];
  const take = (file: string) => {
    const opened = OldDatabase.open(file, `${newFile}-old-${databases.length}`);
    if (typeof opened === "string") {
      unreadable.push({ file, reason: opened });
    } else {
      databases.push(opened);
    }
  };
  for (const file of asked ?? [databaseFileOf(stateDir)]) {
    take(file);
  }
  // A sound database knows more than any backup: what is in that alone was deleted since.
  const backup = asked === undefined && databases[0]?.isSound() !== true ? newestBackup(stateDir) : undefined;
  if (backup !== undefined) {
    take(backup);
  }
  let isClosed = false;
  const close = () => {
    for (const database of isClosed ? [] : databases) {
      database.close();
    }
    isClosed = true;
  };
  return { databases, unreadable, close };
}

function newestBackup(stateDir: string): string | undefined {
  const directory = backupsDirOf(stateDir);
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const newest = names
    .filter((name) => backupTimeOf(name) !== undefined)
    .toSorted()
    .at(-1);
  return newest && join(directory, newest);
}

/** Nobody reads it before it is finished and synced: no journal, no syncs. */
function openNew(file: string): Database {
  const database = new Sqlite(file);
  database.pragma("journal_mode = off");
  database.pragma("synchronous = off");
  database.pragma("foreign_keys = on");
  migrate(database);
  return database;
}

type Made = Omit<ReindexReport, "unreadable" | "seconds" | "replaced">;

async function build(database: Database, past: readonly OldDatabase[], options: ReindexOptions): Promise<Made> {
  const store = makeStore(database);
  const progress = { filesDone: 0, filesInAll: 0, bytesDone: 0, rowsKept: 0 };
  const tell = () => options.onProgress?.({ ...progress });
  const disks = await takeDisks(store, past, options.disks ?? []);
  const listed = await listRecordings(disks.present);
  progress.filesInAll = listed.streams.reduce((sum, { files }) => sum + files.length, 0);
  const leftOut: LeftOut[] = listed.strangers.map((path) => ({ path, reason: "is not named like a recording" }));
  const sums = { segments: 0, unfinished: 0, recordedS: 0, bytes: 0, readBytes: 0, gapsKnown: 0, gapsGuessed: 0 };
  const cameraIds = past.map((old) => takeCameras(store, old));
  for (const stream of withAbsent(listed.streams, past[0], disks.absent)) {
    const named = streamOfName(stream.name);
    if (named === undefined) {
      continue; // only streams are listed
    }
    const index = new StreamIndex(store, named, pastOf(stream, past[0]), leftOut);
    await takeStream(database, stream, options, (file) => {
      index.take(file);
      progress.filesDone += 1;
      progress.bytesDone += file.fileBytes;
      sums.bytes += file.fileBytes;
      sums.readBytes += file.readBytes;
      tell();
    });
    store.transaction(() => index.finish());
    sums.segments += index.counts.whole + index.counts.unfinished;
    sums.unfinished += index.counts.unfinished;
    sums.recordedS += index.counts.recordedUs / 1e6;
    sums.gapsKnown += index.counts.gapsKnown;
    sums.gapsGuessed += index.counts.gapsGuessed;
  }
  const salvaged = past.map((old, at) => {
    const tables = old.copyInto(database, cameraIds[at] ?? new Map(), (rows) => {
      progress.rowsKept += rows;
      tell();
    });
    return { file: old.file, tables };
  });
  keepCounting(database, Math.max(0, ...past.map((old) => old.lastSegmentId())));
  verifyNew(database);
  return { ...sums, leftOut, salvaged };
}

/** Reads the files of a stream, many at once, and takes them in order. */
async function takeStream(
  database: Database,
  stream: IndexedStream,
  { verifySamples = false }: ReindexOptions,
  take: (file: PlacedFile) => void,
): Promise<void> {
  let taken = 0;
  database.exec("begin");
  const read = async (item: NamedFile | PlacedFile): Promise<PlacedFile> =>
    "state" in item ? item : { ...(await readSegmentFile(item.path, { verifySamples })), disk: item.disk };
  for await (const file of readInOrder(stream.items, FILES_AT_ONCE, read)) {
    take(file);
    taken += 1;
    if (taken % BATCH === 0) {
      database.exec("commit; begin");
    }
  }
  database.exec("commit");
}

/** Cameras keep their order of rows; returns which row of the old database is which of the new one. */
function takeCameras(store: Store, old: OldDatabase): Map<number, number> {
  return store.transaction(
    () =>
      new Map(
        old.cameras().flatMap(({ id, slug, stream }) => {
          const camera = CameraId.safeParse(slug).data;
          const name = stream === "sub" ? "sub" : "main";
          return camera === undefined ? [] : [[id, store.cameras.ensure(camera, name)] as const];
        }),
      ),
  );
}

function pastOf({ name }: IndexedStream, old: OldDatabase | undefined) {
  const asked = streamOfName(name);
  const row = old?.cameras().find(({ slug, stream }) => slug === asked?.camera && stream === asked.stream);
  return { old, gaps: row === undefined ? [] : (old?.gapsOf(row.id) ?? []) };
}

/** An id, and with it a file's name, is never used twice: counting goes on where the old database was. */
function keepCounting(database: Database, lastId: number): void {
  database
    .prepare(
      `insert into sqlite_sequence (name, seq) select 'segment', 0 where not exists (select 1 from sqlite_sequence where name = 'segment')`,
    )
    .run();
  database.prepare("update sqlite_sequence set seq = max(seq, ?) where name = 'segment'").run(lastId);
}

/** The new database must be beyond doubt before it replaces anything. Throws: ARCHIVE_REINDEX_INVALID. */
export function verifyNew(database: Database): void {
  const words = (database.pragma("integrity_check") as { integrity_check: string }[]).map((row) => row.integrity_check);
  const dangling = database.pragma("foreign_key_check") as unknown[];
  if (words.join() !== "ok" || dangling.length > 0) {
    throw archiveErrors.make("ARCHIVE_REINDEX_INVALID", {
      reason: `${words.join("; ")}, ${dangling.length} dangling rows`,
    });
  }
}
