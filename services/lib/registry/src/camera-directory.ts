/**
 * The cameras, as every service but their owner sees them: read-only, and told of changes within half a second.
 * Does: poll, remember the last good answer. Does not: secrets (camera-secrets.ts), writing (services/cameras).
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { type Clock, type Log, type Module, toLanthornError } from "@lanthorn/base";
import type { Camera } from "@lanthorn/contract";
import type { Database } from "better-sqlite3";
import { cameraOfRow, selectCameraRows, selectSecretRows } from "./camera-rows.ts";
import { guarded, openRegistryReader, registryFileOf } from "./registry-file.ts";

/** How often the directory looks for changes, milliseconds. A look without one costs a stat and a pragma. */
const POLL_MS = 500;

/** What a directory needs. */
export interface CameraDirectoryOptions {
  readonly clock: Clock;
  readonly log?: Pick<Log, "warn" | "info">;
}

/** Makes the directory of a registry; it reads nothing before start(). */
export function openCameraDirectory(registryDir: string, options: CameraDirectoryOptions): CameraDirectory {
  return new CameraDirectory(registryDir, options);
}

/**
 * A module of every service that works per camera. The registry may not exist yet, be locked, or hold a crash's journal
 * that only its writer can play back: the last known cameras stay, fault() says why, and the directory keeps looking.
 */
export class CameraDirectory implements Module {
  readonly name = "camera-directory";
  readonly #registryDir: string;
  readonly #options: CameraDirectoryOptions;
  readonly #listeners = new Set<() => void>();
  #cameras: readonly Camera[] = Object.freeze([]);
  #database: Database | undefined;
  #fileIdentity = "";
  #dataVersion = -1;
  #digest = "";
  #fault: string | undefined;
  #stopPolling: (() => void) | undefined;

  constructor(registryDir: string, options: CameraDirectoryOptions) {
    this.#registryDir = registryDir;
    this.#options = options;
  }

  /** The cameras as last read, ordered by id, enabled or not. A new array only when something changed. */
  cameras(): readonly Camera[] {
    return this.#cameras;
  }

  /** Whether the registry has been read at least once: only then does an empty list mean that there are no cameras. */
  get isLoaded(): boolean {
    return this.#digest !== "";
  }

  /** Why the last look failed; undefined when it did not. A registry that does not exist yet is no fault. */
  fault(): string | undefined {
    return this.#fault;
  }

  /** Calls back after cameras or their secrets changed, until the returned function is called. Not called for the first read of start(). */
  onChange(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /** Reads once, so that cameras() is right as soon as this returns, then keeps looking. */
  start(signal: AbortSignal): void {
    this.#look();
    this.#stopPolling = this.#options.clock.every(POLL_MS, () => {
      if (!signal.aborted) {
        this.refresh();
      }
    });
  }

  /** Looks now: for who has just had something changed. Only between start() and stop(). */
  refresh(): void {
    if (this.#look()) {
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }

  /** Stops looking; cameras() keeps its last answer. */
  stop(): void {
    this.#stopPolling?.();
    this.#stopPolling = undefined;
    this.#close();
  }

  /** One look; true when something changed. */
  #look(): boolean {
    try {
      const changed = this.#read();
      this.#setFault(undefined);
      return changed;
    } catch (error) {
      this.#close();
      this.#setFault(toLanthornError(error).message);
      return false;
    }
  }

  #read(): boolean {
    const file = registryFileOf(this.#registryDir);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) {
      this.#close(); // also when a file that was there is gone: what we knew stays until there is another
      return false;
    }
    // A restored backup is another file under the same name; the open one would never change again.
    const identity = `${stat.dev}:${stat.ino}`;
    if (identity !== this.#fileIdentity) {
      this.#close();
    }
    if (this.#database === undefined && stat.size === 0) {
      return false; // made, but its first transaction is not through yet
    }
    this.#database ??= openRegistryReader(this.#registryDir);
    this.#fileIdentity = identity;
    const database = this.#database;
    return guarded(file, "read", () => {
      const dataVersion = Number(database.pragma("data_version", { simple: true }));
      if (dataVersion === this.#dataVersion) {
        return false;
      }
      const changed = database.transaction(() => this.#load(database))();
      this.#dataVersion = dataVersion; // only after a good read: a failed one is tried again
      return changed;
    });
  }

  #load(database: Database): boolean {
    const rows = selectCameraRows(database);
    const digest = createHash("sha256").update(JSON.stringify(rows));
    for (const row of selectSecretRows(database)) {
      digest.update(`\0${row.camera_id}\0${row.field}\0`).update(row.sealed);
    }
    const next = digest.digest("base64");
    if (next === this.#digest) {
      return false;
    }
    this.#cameras = Object.freeze(rows.map(cameraOfRow));
    this.#digest = next;
    return true;
  }

  #setFault(fault: string | undefined): void {
    if (fault !== this.#fault) {
      this.#fault = fault;
      if (fault === undefined) {
        this.#options.log?.info("registry is readable again");
      } else {
        this.#options.log?.warn({ reason: fault }, "cannot read the registry; the last known cameras stay in use");
      }
    }
  }

  #close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#fileIdentity = "";
    this.#dataVersion = -1;
  }
}
