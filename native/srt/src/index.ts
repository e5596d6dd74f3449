/**
 * Encrypted SRT streams in: listener with access table, caller, statistics; and out: a sender. Received bytes go to native sinks, never through JavaScript.
 * Does not: demux (@lanthorn/media), reconnect (services/ingest, with `retry`), keep keys (services/cameras).
 */
import { addon } from "./addon.ts";

export * from "./byte-counter.ts";
export * from "./caller.ts";
export * from "./error-codes.ts";
export * from "./listener.ts";
export * from "./records.ts";
export * from "./sender.ts";

/** Turns of the receive loop of this process since start: real progress for a watchdog while anything is open. */
export function srtTurns(): bigint {
  return addon.turns();
}

/** Lines of level warning or worse that libsrt logged in this process (malformed handshakes, late packets); they go nowhere else. */
export function srtLibraryWarnings(): number {
  return addon.libraryWarnings();
}

/** Times that an address was shut out for ten seconds because it called a listener of this process more than 200 times in one. */
export function srtFloods(): number {
  return addon.floods();
}
