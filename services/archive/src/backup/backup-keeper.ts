/** Backs archive.db up every night, and when asked; keeps the newest few. What a damaged database costs is then a day's events at most. */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock, Log, Module } from "@lanthorn/base";
import { archiveErrors } from "../error-codes.ts";
import { databaseFileOf } from "../store/database.ts";
import type { BackupReport } from "./backup.ts";
import { backupNameOf, backupsDirOf, backupsToDelete, backupTimeOf, isBackupDue } from "./backup-plan.ts";
import type { BackupWork } from "./backup-worker.ts";

/** What the keeper needs. */
export interface BackupKeeperOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How many stay; 0: none is made by itself. */
  readonly keep: number;
  /** Hour of the day, local time of the box. */
  readonly hour: number;
  /** Whether the state directory's disk has room for so many bytes, even if recordings must go for it. */
  readonly admit: (bytes: number) => Promise<boolean>;
}

/** A backup in the state directory. */
export interface KeptBackup {
  readonly name: string;
  readonly bytes: number;
  readonly madeWallUs: number;
}

/** How often it is asked whether one is due. */
const LOOK_EVERY_MS = 60_000;

/** Makes and keeps backups. */
export class BackupKeeper implements Module {
  readonly name = "backup-keeper";
  readonly #options: BackupKeeperOptions;
  #making: Promise<BackupReport> | undefined;
  #worker: Worker | undefined;
  #stopLooking: (() => void) | undefined;
  #fault: string | undefined;

  constructor(options: BackupKeeperOptions) {
    this.#options = options;
  }

  /** Why the last backup could not be made; undefined when it could. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Looks every minute whether one is due. */
  start(): void {
    const { clock, hour, keep, log } = this.#options;
    if (keep === 0) {
      return;
    }
    this.#stopLooking = clock.every(LOOK_EVERY_MS, async () => {
      const names = this.list().map(({ name }) => name);
      if (this.#making === undefined && isBackupDue(names, clock.wallUs(), hour)) {
        await this.make().catch((error: unknown) => log.error({ err: error }, "cannot back archive.db up"));
      }
    });
  }

  /** Ends a backup that is under way; what is half made is removed by the next one. */
  async stop(): Promise<void> {
    this.#stopLooking?.();
    await this.#worker?.terminate();
    await this.#making?.catch(() => {});
  }

  /** The backups there are, oldest first. */
  list(): KeptBackup[] {
    const directory = backupsDirOf(this.#options.stateDir);
    let names: string[] = [];
    try {
      names = readdirSync(directory).toSorted();
    } catch {
      // none was ever made
    }
    return names.flatMap((name) => {
      const madeWallUs = backupTimeOf(name);
      const bytes = statSync(join(directory, name), { throwIfNoEntry: false })?.size;
      return madeWallUs === undefined || bytes === undefined ? [] : [{ name, bytes, madeWallUs }];
    });
  }

  /** Makes one now; whoever asks while one is being made gets that one. Throws: ARCHIVE_DISK_FULL, and backUp's codes as ARCHIVE_BACKUP_INVALID. */
  make(): Promise<BackupReport> {
    this.#making ??= this.#make()
      .then((report) => {
        this.#fault = undefined;
        return report;
      })
      .catch((error: unknown) => {
        this.#fault = `backup: ${(error as Error).message}`;
        throw error;
      })
      .finally(() => {
        this.#making = undefined;
      });
    return this.#making;
  }

  async #make(): Promise<BackupReport> {
    const { stateDir, clock, keep, log, admit } = this.#options;
    const directory = backupsDirOf(stateDir);
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory).filter((each) => each.includes(".making"))) {
      rmSync(join(directory, name), { force: true }); // of a backup that was interrupted
    }
    const bytes = statSync(databaseFileOf(stateDir)).size;
    if (!(await admit(bytes))) {
      throw archiveErrors.make("ARCHIVE_BACKUP_NO_ROOM", { bytes });
    }
    const report = await this.#work({ stateDir, file: join(directory, backupNameOf(clock.wallUs())) });
    for (const name of backupsToDelete(readdirSync(directory), Math.max(1, keep))) {
      rmSync(join(directory, name), { force: true });
    }
    log.info({ file: report.file, bytes: report.bytes, seconds: report.seconds }, "backed archive.db up");
    return report;
  }

  #work(work: BackupWork): Promise<BackupReport> {
    const worker = new Worker(new URL("./backup-worker.ts", import.meta.url), { workerData: work });
    this.#worker = worker;
    const fail = (reason: string) => archiveErrors.make("ARCHIVE_BACKUP_INVALID", { file: work.file, reason });
    return new Promise<BackupReport>((resolve, reject) => {
      worker.on("message", ({ report, error }: { report?: BackupReport; error?: { message: string } }) =>
        report === undefined ? reject(fail(error?.message ?? "no answer")) : resolve(report),
      );
      worker.on("error", (error) => reject(fail(error.message)));
      worker.on("exit", () => reject(fail("it was ended")));
    }).finally(() => {
      this.#worker = undefined;
    });
  }
}
