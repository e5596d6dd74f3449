/** Translates SQLite's errors once, here, into the registry's own. */
import { LanthornError } from "@lanthorn/base";
import Database from "better-sqlite3";
import { registryErrors } from "./error-codes.ts";

type Code = keyof typeof registryErrors.definitions;

/** By the beginning of SQLite's extended result code, the longest first. Source: https://sqlite.org/rescode.html */
const CODES: readonly (readonly [sqlitePrefix: string, code: Code])[] = [
  ["SQLITE_BUSY", "REGISTRY_LOCKED"], // another process holds the lock, past busy_timeout
  ["SQLITE_LOCKED", "REGISTRY_LOCKED"],
  ["SQLITE_FULL", "REGISTRY_FULL"],
  ["SQLITE_IOERR_NOMEM", "REGISTRY_FULL"],
  ["SQLITE_CORRUPT", "REGISTRY_CORRUPT"],
  ["SQLITE_NOTADB", "REGISTRY_CORRUPT"],
  // A reader met a hot journal, which only the writer may play back: passes as soon as services/cameras starts.
  ["SQLITE_READONLY_ROLLBACK", "REGISTRY_UNREADABLE"],
  ["SQLITE_READONLY", "REGISTRY_NOT_WRITABLE"],
  ["SQLITE_CANTOPEN", "REGISTRY_NOT_WRITABLE"],
];

/** Turns what better-sqlite3 threw into a LanthornError; readers see every lasting condition but damage as REGISTRY_UNREADABLE. */
export function translateSqliteError(thrown: unknown, file: string, access: "read" | "write"): unknown {
  if (thrown instanceof LanthornError) {
    return thrown;
  }
  // better-sqlite3 reports a missing directory as a TypeError, before SQLite is asked.
  const sqliteCode = thrown instanceof Database.SqliteError ? thrown.code : "SQLITE_CANTOPEN";
  if (!(thrown instanceof Database.SqliteError) && !(thrown instanceof TypeError)) {
    return thrown;
  }
  const found = CODES.find(([prefix]) => sqliteCode.startsWith(prefix))?.[1];
  const reason = `${(thrown as Error).message} (${sqliteCode})`;
  if (access === "read" && found !== "REGISTRY_CORRUPT") {
    return registryErrors.make("REGISTRY_UNREADABLE", { file, reason }, thrown);
  }
  return found === undefined ? thrown : registryErrors.make(found, { file, reason }, thrown);
}
