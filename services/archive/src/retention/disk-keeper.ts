/**
 * Keeps room on the disk: knows what is free before anything is written, and deletes the oldest recordings when it must.
 * Order of a deletion: mark the rows, unlink, sync the directories, delete the rows. Source: docs/design/archive.md#retention.
 */
import { readdir, rm, rmdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock, Log, Module } from "@lanthorn/base";
import type { DiskSpace } from "../recording/recorder-context.ts";
import { dayNumberOf, segmentFileOf, thumbnailDirOf, utcDayAndTime } from "../recording/recording-paths.ts";
import { finishDeleting } from "../recording/recovery.ts";
import { databaseFileOf } from "../store/database.ts";
import { STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import {
  chooseVictims,
  type DiskFigures,
  excessBytes,
  floorBytesOf,
  type RetentionLimits,
  reserveBytesOf,
  slackBytesOf,
} from "./retention-plan.ts";

/** What the keeper needs. */
export interface DiskKeeperOptions {
  readonly stateDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RetentionLimits;
}

/** How old figures may be, and how often retention runs by itself. */
const LOOK_EVERY_MS = 2000;
/** Segments deleted in one go; the loop goes on until there is room. */
const BATCH = 64;

/** Room on the disk. */
export class DiskKeeper implements Module, DiskSpace {
  readonly name = "disk-keeper";
  readonly #options: DiskKeeperOptions;
  #figures: DiskFigures = { totalBytes: 0, freeBytes: 0, usedBytes: 0 };
  #thumbnailBytes = 0;
  #segmentBytes = 0;
  #writtenSinceBytes = 0;
  #making: Promise<void> | undefined;
  #stopLooking: (() => void) | undefined;
  /** Segments deleted since start. */
  deletedSegments = 0;

  constructor(options: DiskKeeperOptions) {
    this.#options = options;
  }

  /** Looks at the disk once, then keeps looking. */
  async start(): Promise<void> {
    await this.#look(true);
    let rounds = 0;
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, async () => {
      rounds += 1;
      try {
        await this.#look(rounds % 30 === 0);
        if (excessBytes(this.#figures, this.#options.limits) > 0) {
          await this.#makeRoom();
        }
      } catch (error) {
        this.#options.log.error({ err: error }, "cannot look at the disk");
      }
    });
  }

  /** Stops looking. */
  async stop(): Promise<void> {
    this.#stopLooking?.();
    await this.#making;
  }

  /** The disk as last seen. */
  get figures(): DiskFigures {
    return this.#figures;
  }

  /** Why nothing can be recorded; undefined when it can. */
  get fault(): string | undefined {
    const { freeBytes, floorBytes } = this.words();
    return freeBytes < reserveBytesOf(floorBytes) ? `disk full: ${freeBytes} bytes free` : undefined;
  }

  words(): { freeBytes: number; floorBytes: number } {
    const freeBytes = Math.max(0, this.#figures.freeBytes - this.#writtenSinceBytes);
    return { freeBytes, floorBytes: Math.round(floorBytesOf(this.#options.limits, this.#figures.totalBytes)) };
  }

  async place(): Promise<number> {
    return STATE_DISK;
  }

  async admit(bytes: number): Promise<boolean> {
    if (this.#excess(bytes) > 0) {
      await this.#look(false);
      if (this.#excess(bytes) > 0) {
        await this.#makeRoom();
      }
    }
    const { freeBytes, floorBytes } = this.words();
    if (freeBytes - bytes < reserveBytesOf(floorBytes)) {
      return false;
    }
    this.#writtenSinceBytes += bytes;
    return true;
  }

  #excess(bytes: number): number {
    const { totalBytes, freeBytes, usedBytes } = this.#figures;
    const more = this.#writtenSinceBytes + bytes;
    return excessBytes({ totalBytes, freeBytes: freeBytes - more, usedBytes: usedBytes + more }, this.#options.limits);
  }

  /** Reads free space; `all` counts our own bytes anew instead of adding up. */
  async #look(all: boolean): Promise<void> {
    const { stateDir, store } = this.#options;
    const disk = await statfs(stateDir);
    if (all) {
      this.#thumbnailBytes = await bytesBelow(join(stateDir, "thumbnails"));
    }
    this.#segmentBytes = store.segments.allBytes();
    const databaseBytes = await sizeOf(databaseFileOf(stateDir));
    const walBytes = await sizeOf(`${databaseFileOf(stateDir)}-wal`);
    this.#figures = {
      totalBytes: disk.blocks * disk.bsize,
      freeBytes: disk.bavail * disk.bsize,
      usedBytes: this.#segmentBytes + this.#thumbnailBytes + databaseBytes + walBytes,
    };
    this.#writtenSinceBytes = 0;
  }

  /** Deletes the oldest until there is room or nothing is left; one run at a time, others wait for it. */
  #makeRoom(): Promise<void> {
    this.#making ??= this.#deleteOldest()
      .catch((error: unknown) => this.#options.log.error({ err: error }, "cannot delete old recordings"))
      .finally(() => {
        this.#making = undefined;
      });
    return this.#making;
  }

  async #deleteOldest(): Promise<void> {
    const { limits, log, store } = this.#options;
    const slackBytes = slackBytesOf(limits, this.#figures.totalBytes);
    for (;;) {
      const excess = excessBytes(this.#figures, limits);
      const victims = excess > 0 ? chooseVictims(store.segments.oldest(BATCH), excess + slackBytes) : [];
      if (victims.length === 0) {
        return;
      }
      store.transaction(() => {
        for (const { id } of victims) {
          store.segments.markDeleting(id);
        }
      });
      await finishDeleting({ store }, victims);
      this.deletedSegments += victims.length;
      const directories = new Set(victims.map((segment) => dirname(segmentFileOf(store.disks, segment))));
      for (const directory of directories) {
        await rmdir(directory).catch(() => {}); // not empty: other segments of that day stay
      }
      await this.#pruneBefore(new Set(victims.map(({ cameraRow }) => cameraRow)));
      log.info({ segments: victims.length, excessBytes: excess }, "deleted the oldest recordings");
      await this.#look(false);
    }
  }

  /** What happened and what was missing before the oldest recording of a camera is forgotten with it. */
  async #pruneBefore(cameraRows: ReadonlySet<number>): Promise<void> {
    const { store, stateDir } = this.#options;
    for (const { id, slug } of store.cameras.list().filter((camera) => cameraRows.has(camera.id))) {
      const oldestUs = store.segments.oldestStartOf(id);
      if (oldestUs === undefined) {
        continue;
      }
      store.transaction(() => {
        store.gaps.prune(id, oldestUs);
        store.events.prune(id, oldestUs);
      });
      const oldestDay = utcDayAndTime(dayNumberOf(oldestUs) * 86_400_000_000).day;
      for (const name of await readdir(thumbnailDirOf(stateDir, slug)).catch(() => [])) {
        const isPack = /^\d{4}-\d\d-\d\d\.jpegs$/.test(name);
        const dayNumber = Math.floor(Date.parse(name.slice(0, 10)) / 86_400_000);
        if (isPack && name.slice(0, 10) < oldestDay && !store.events.hasPictureIn(id, dayNumber)) {
          await rm(join(thumbnailDirOf(stateDir, slug), name), { force: true });
        }
      }
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    sum += entry.isFile() ? await sizeOf(join(entry.parentPath, entry.name)) : 0;
  }
  return sum;
}
