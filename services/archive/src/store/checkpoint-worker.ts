/** A thread that moves rows from the log of archive.db into archive.db, with a connection of its own: the thread that writes rows never syncs for it. */
import { parentPort, workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";

/** What the thread is given. */
export interface CheckpointWork {
  readonly file: string;
}

/** What it answers: why it could not, or nothing. */
export interface CheckpointReply {
  readonly error?: string;
}

const { file } = workerData as CheckpointWork;
const database = new Sqlite(file, { fileMustExist: true, timeout: 0 });
// The log is synced before pages are written, and those before the log begins anew: https://sqlite.org/pragma.html#pragma_synchronous.
database.pragma("synchronous = full");
database.pragma("wal_autocheckpoint = 0");
parentPort?.on("message", () => {
  let reply: CheckpointReply = {};
  try {
    database.pragma("wal_checkpoint(passive)");
  } catch (error) {
    reply = { error: (error as Error).message };
  }
  parentPort?.postMessage(reply);
});
