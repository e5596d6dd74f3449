/**
 * The disk that the state directory lies on, under a running archive. A file system that gave up stays read-only until it is mounted
 * anew, and a new mount is another file system: open files and the database's handle stay on the old one. So the service ends itself
 * when a start would help, and a start waits, by ending, until the disk can be written. Source: docs/design/archive.md#state-disk.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log, Module } from "@lanthorn/base";
import { archiveErrors } from "../error-codes.ts";
import { databaseFileOf } from "../store/database.ts";
import { STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";

/** How often the disk is looked at. */
const LOOK_EVERY_MS = 500;
/** The disk takes files but the database does not, for so long: only opening it anew can help. */
const PATIENCE_NS = 2_000_000_000n;
/** Written, synced and removed again to see whether the disk can be written. */
const PROBE_FILE = "archive.probe";
/** In the run directory: the disk went away below a running archive, and no other may be taken for it. */
const AWAITED_FILE = "archive-awaits-disk";
/** What a disk answers that cannot be written now, errno(3). A full one can: room is made. */
const DISK_FAULTS = ["EROFS", "EIO", "ENXIO", "ENODEV", "ESHUTDOWN", "EUCLEAN"];

/** Where the state directory and the directory of sockets lie. */
export interface StateDiskPaths {
  readonly stateDir: string;
  readonly runDir: string;
}

/**
 * Looks before a start, and throws where it would be in vain: it is tried again by whoever starts services.
 * Throws: ARCHIVE_STATE_DISK_UNWRITABLE; ARCHIVE_STATE_DISK_AWAITED after the disk went away below the archive that ran before.
 */
export function requireStateDisk({ stateDir, runDir }: StateDiskPaths): void {
  const awaited = join(runDir, AWAITED_FILE);
  if (existsSync(awaited)) {
    if (!existsSync(databaseFileOf(stateDir))) {
      throw archiveErrors.make("ARCHIVE_STATE_DISK_AWAITED", { directory: stateDir, awaited });
    }
    rmSync(awaited, { force: true });
  }
  const probe = join(stateDir, PROBE_FILE);
  try {
    const handle = openSync(probe, "w", 0o600);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
      rmSync(probe, { force: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (DISK_FAULTS.includes(code ?? "")) {
      throw archiveErrors.make("ARCHIVE_STATE_DISK_UNWRITABLE", { directory: stateDir, reason: message }, error);
    }
  }
}

/** What the watch needs. */
export interface StateDiskOptions extends StateDiskPaths {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the service because of a fault that a restart may cure. */
  readonly fail: (error: unknown) => void;
}

/** Watches the disk of the state directory. */
export class StateDisk implements Module {
  readonly name = "state-disk";
  readonly #options: StateDiskOptions;
  #store: Store | undefined;
  #opened: string | undefined;
  #openedDirectory: string | undefined;
  #refusal: string | undefined;
  #writableSinceNs: bigint | undefined;
  #stopLooking: (() => void) | undefined;

  constructor(options: StateDiskOptions) {
    this.#options = options;
  }

  /** The same store; from now on this knows what its disk answers. Call it as soon as the database is open. */
  watching(store: Store): Store {
    const { stateDir } = this.#options;
    this.#opened = identityOf(statSync(databaseFileOf(stateDir), { bigint: true }));
    this.#openedDirectory = identityOf(statSync(stateDir, { bigint: true }));
    this.#store = {
      ...store,
      transaction: (run) => {
        try {
          const result = store.transaction(run);
          this.#refusal = undefined;
          return result;
        } catch (error) {
          this.#note(error);
          throw error;
        }
      },
    };
    return this.#store;
  }

  /** What the owner should know. */
  get fault(): string | undefined {
    return this.#refusal === undefined ? undefined : `the disk refuses archive.db: ${this.#refusal}`;
  }

  /** Starts looking. */
  start(): void {
    const { clock, log } = this.#options;
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () =>
      this.look().catch((error: unknown) =>
        log.error({ err: error }, "cannot look at the disk of the state directory"),
      ),
    );
  }

  /** Stops looking. */
  stop(): void {
    this.#stopLooking?.();
  }

  /** Looks once; ends the service when that helps. */
  async look(): Promise<void> {
    const { clock, fail, log, stateDir } = this.#options;
    const file = databaseFileOf(stateDir);
    if ((await identityAt(file)) !== this.#opened) {
      await this.#rememberAbsence();
      this.stop();
      fail(archiveErrors.make("ARCHIVE_STATE_DISK_CHANGED", { file }));
      return;
    }
    if (this.#refusal === undefined || !(await this.#isWritable())) {
      this.#writableSinceNs = undefined;
      return;
    }
    if (this.#tryRow()) {
      log.info({ directory: stateDir }, "the disk of the state directory can be written again");
      return;
    }
    const nowNs = clock.monoNs();
    this.#writableSinceNs ??= nowNs;
    if (nowNs - this.#writableSinceNs >= PATIENCE_NS) {
      this.stop();
      fail(archiveErrors.make("ARCHIVE_STATE_DISK_RETURNED", { file, reason: this.#refusal }));
    }
  }

  /** Where another directory is found now than the one that was opened, a mount point was laid bare, and is no archive. */
  async #rememberAbsence(): Promise<void> {
    const { log, runDir, stateDir } = this.#options;
    if ((await identityAt(stateDir)) !== this.#openedDirectory) {
      try {
        writeFileSync(join(runDir, AWAITED_FILE), `${stateDir}\n`);
      } catch (error) {
        log.error({ err: error }, "cannot note that the disk of the state directory is awaited");
      }
    }
  }

  async #isWritable(): Promise<boolean> {
    const probe = join(this.#options.stateDir, PROBE_FILE);
    try {
      const handle = await open(probe, "w", 0o600);
      try {
        await handle.sync();
      } finally {
        await handle.close();
        await rm(probe, { force: true });
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Whether the database takes a row: the refused ones may all have been given up. */
  #tryRow(): boolean {
    try {
      this.#store?.transaction(() => this.#store?.disks.setState(STATE_DISK, "present"));
      return true;
    } catch {
      return false; // noted by watching()
    }
  }

  #note(error: unknown): void {
    const { code, message } = error as { code?: unknown; message?: string };
    if (/^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(String(code))) {
      this.#refusal = message ?? String(code);
    }
  }
}

function identityOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}

/** Which file lies at a path; undefined: none. What cannot be told is thrown. */
async function identityAt(path: string): Promise<string | undefined> {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return undefined;
    }
    throw error;
  }
}
