/**
 * Keeps room on the disks: knows what is free before anything is written, and deletes what the rules say. Decides nothing itself:
 * retention-rules.ts. Source: docs/design/archive.md#retention.
 */
import type { Clock, Log, Module } from "@lanthorn/base";
import type { RecordingSettings } from "@lanthorn/contract";
import type { DiskSet } from "../disks/disk-set.ts";
import type { DiskSpace } from "../recording/recorder-context.ts";
import { STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import { deleteSegments } from "./deletion.ts";
import type { FrontSegment } from "./event-footage.ts";
import { choosePlace } from "./placement.ts";
import { type DiskFigures, type RetentionLimits, slackBytesOf } from "./retention-plan.ts";
import { RetentionPlanner } from "./retention-planner.ts";
import { RETENTION_RULES, type RetentionRule, type Victim } from "./retention-rules.ts";
import { Room } from "./room.ts";
import { measureDatabase, measureFolders, type Usage } from "./usage.ts";

/** What the keeper needs. */
export interface DiskKeeperOptions {
  readonly stateDir: string;
  readonly store: Store;
  readonly disks: DiskSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RetentionLimits;
  /** What the owner wants of a camera; defaults for one that is not registered any more. */
  readonly settingsOf: (camera: string) => RecordingSettings | undefined;
  /** Segments that are still written. */
  readonly growing: () => readonly { readonly disk: number; readonly mediaBytes: number }[];
}

/** How old figures may be. */
const LOOK_EVERY_MS = 2000;
/** Free space older than this is looked at again before anything is written. */
const FRESH_NS = 200_000_000n;
/** Looks between two countings of folders, and between two looks for what is too old or too much of one camera. */
const LOOKS_PER_MINUTE = 30;
/** Rounds of one making of room; more is left for the next look. */
const ROUNDS = 2000;
/** A guarantee that was broken is told for so long after the last time. */
const TOLD_NS = 3_600_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;

/** Room on the disks. */
export class DiskKeeper implements Module, DiskSpace {
  readonly name = "disk-keeper";
  readonly #options: DiskKeeperOptions;
  readonly #rooms = new Map<number, Room>();
  readonly #refreshedNs = new Map<number, bigint>();
  readonly #planner: RetentionPlanner;
  #folders = { exports: 0, previews: 0, thumbnails: 0, backups: 0 };
  #database = { database: 0, wal: 0 };
  #bytesByDisk = new Map<number, number>();
  #making: Promise<void> | undefined;
  #stopLooking: (() => void) | undefined;
  #brokenUntilNs: bigint | undefined;
  #brokenOf = "";
  /** Segments deleted since start, by the rule that said so. */
  readonly deletedByRule = new Map<RetentionRule, number>(RETENTION_RULES.map((rule) => [rule, 0]));

  constructor(options: DiskKeeperOptions) {
    this.#options = options;
    const { clock, settingsOf, store } = options;
    this.#planner = new RetentionPlanner({ store, settingsOf, rest: () => clock.sleep(0) });
  }

  /** Looks at the disks once, then keeps looking. */
  async start(): Promise<void> {
    await this.#look(true);
    let looks = 0;
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, async () => {
      looks += 1;
      const isMinute = looks % LOOKS_PER_MINUTE === 0;
      try {
        await this.#look(isMinute);
        if (isMinute || looks === 1 || this.#needsRoom(0)) {
          await this.#makeRoom();
        }
      } catch (error) {
        this.#options.log.error({ err: error }, "cannot look at the disks");
      }
    });
  }

  /** Stops looking. */
  async stop(): Promise<void> {
    this.#stopLooking?.();
    await this.#making;
  }

  /** Segments deleted since start. */
  get deletedSegments(): number {
    return [...this.deletedByRule.values()].reduce((sum, count) => sum + count, 0);
  }

  /** All disks together, as last seen. */
  get figures(): DiskFigures {
    const all = [...this.#rooms.values()].map(({ figures }) => figures);
    const sum = (of: (figures: DiskFigures) => number) => all.reduce((total, figures) => total + of(figures), 0);
    return {
      totalBytes: sum(({ totalBytes }) => totalBytes),
      freeBytes: sum(({ freeBytes }) => freeBytes),
      usedBytes: sum(({ usedBytes }) => usedBytes),
    };
  }

  /** Room on each disk that is there, by disk.id. */
  get rooms(): ReadonlyMap<number, Room> {
    return this.#rooms;
  }

  /** Bytes of everything that is ours, by what it is. */
  get usage(): Usage {
    const recordings = [...this.#bytesByDisk.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { recordings, ...this.#folders, ...this.#database };
  }

  /** Bytes of recordings on a disk. */
  recordingBytesOn(disk: number): number {
    return this.#bytesByDisk.get(disk) ?? 0;
  }

  /** Limit of everything that is ours; 0: none. */
  get maxBytes(): number {
    return this.#options.limits.maxBytes;
  }

  /** What the owner should know. */
  faults(): string[] {
    const faults: string[] = [];
    const full = [...this.#rooms.values()].filter((room) => room.isFull(0));
    for (const { directory, figures } of full.length === this.#rooms.size ? full : []) {
      faults.push(`disk full: ${figures.freeBytes} bytes free on ${directory}`);
    }
    if (this.#brokenUntilNs !== undefined && this.#options.clock.monoNs() < this.#brokenUntilNs) {
      faults.push(
        `too little room for what is guaranteed: recordings of ${this.#brokenOf} are deleted before their time`,
      );
    }
    return faults;
  }

  words(disk = STATE_DISK): { freeBytes: number; floorBytes: number } {
    const room = this.#rooms.get(disk);
    return { freeBytes: room?.figures.freeBytes ?? 0, floorBytes: room?.floorBytes ?? 0 };
  }

  async place(camera: string): Promise<number> {
    const { disks, store } = this.#options;
    await disks.look(); // an unmounted disk leaves an empty directory behind
    const writable = disks.writable().map((disk) => ({ ...disk, room: this.#rooms.get(disk.id) }));
    const chosen = choosePlace(
      writable.map(({ id, wish, room }) => ({
        id,
        share01: room?.share01 ?? 0,
        isFull: room?.isFull(0) ?? true,
        isSpare: wish?.isSpare === true,
        isOwn: wish?.cameras.includes(camera) === true,
        oldestUs: () => store.retention.oldestOn(id) ?? Number.POSITIVE_INFINITY,
      })),
    );
    return chosen ?? STATE_DISK;
  }

  failed(disk: number): void {
    this.#options.disks.suspect(disk);
  }

  async admit(bytes: number, disk = STATE_DISK): Promise<boolean> {
    if (disk !== STATE_DISK) {
      await this.#options.disks.require(disk);
    }
    await this.#refresh(disk);
    if (this.#needsRoom(bytes, disk)) {
      await this.#look(false);
      if (this.#needsRoom(bytes, disk)) {
        await this.#makeRoom(bytes, disk);
      }
    }
    const room = this.#rooms.get(disk);
    if (room === undefined || room.isFull(bytes)) {
      return false;
    }
    room.take(bytes);
    return true;
  }

  /** Another process may fill the disk at any time. */
  async #refresh(disk: number): Promise<void> {
    const nowNs = this.#options.clock.monoNs();
    if (nowNs - (this.#refreshedNs.get(disk) ?? 0n) > FRESH_NS) {
      this.#refreshedNs.set(disk, nowNs);
      await this.#rooms.get(disk)?.refresh();
    }
  }

  #needsRoom(bytes: number, disk?: number): boolean {
    const rooms = disk === undefined ? [...this.#rooms.values()] : [this.#rooms.get(disk)];
    return rooms.some((room) => (room?.excess(bytes) ?? 0) > 0) || this.#anywhere(bytes) > 0;
  }

  /** Bytes to be deleted anywhere, because of the limit of everything. */
  #anywhere(bytes: number): number {
    const { maxBytes } = this.#options.limits;
    return maxBytes > 0 ? Math.max(0, this.figures.usedBytes + bytes - maxBytes) : 0;
  }

  /** Reads free space; `all` counts folders anew. */
  async #look(all: boolean): Promise<void> {
    const { disks, stateDir, store } = this.#options;
    if (all) {
      this.#folders = await measureFolders(stateDir);
    }
    this.#database = await measureDatabase(stateDir);
    const bytesByDisk = store.segments.bytesByDisk();
    for (const { disk, mediaBytes } of this.#options.growing()) {
      bytesByDisk.set(disk, (bytesByDisk.get(disk) ?? 0) + mediaBytes);
    }
    this.#bytesByDisk = bytesByDisk;
    const { recordings: _recordings, ...others } = this.usage;
    const besides = Object.values(others).reduce((sum, bytes) => sum + bytes, 0);
    for (const disk of disks.list()) {
      if (disk.state === "missing") {
        this.#rooms.delete(disk.id);
        continue;
      }
      let room = this.#rooms.get(disk.id);
      if (room?.directory !== disk.directory) {
        // The state directory's limit of bytes is that of everything together.
        const minFreeBytes = disk.wish?.minFreeBytes ?? 0;
        room = new Room(disk.directory, { maxBytes: disk.wish?.maxBytes ?? 0, minFreeBytes });
        this.#rooms.set(disk.id, room);
      }
      try {
        await room.look((bytesByDisk.get(disk.id) ?? 0) + (disk.id === STATE_DISK ? besides : 0));
      } catch (error) {
        this.#rooms.delete(disk.id);
        this.#options.log.warn({ directory: disk.directory, err: error }, "cannot look at a disk");
      }
    }
  }

  /** Deletes until there is room or nothing is left; one run at a time, others wait for it. */
  #makeRoom(bytes = 0, disk?: number): Promise<void> {
    this.#making ??= this.#delete(bytes, disk)
      .catch((error: unknown) => this.#options.log.error({ err: error }, "cannot delete old recordings"))
      .finally(() => {
        this.#making = undefined;
      });
    return this.#making;
  }

  async #delete(bytes: number, disk: number | undefined): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const { victims, isMore } = await this.#plan(bytes, disk);
      if (victims.length > 0) {
        await deleteSegments(
          this.#options,
          victims.map(({ segment }) => segment),
        );
        this.#tell(victims);
        await this.#look(false);
      } else if (!isMore) {
        return;
      }
    }
  }

  async #plan(bytes: number, disk: number | undefined): Promise<{ victims: Victim<FrontSegment>[]; isMore: boolean }> {
    const { clock } = this.#options;
    const withSlack = (excess: number, limits: RetentionLimits, totalBytes: number) =>
      excess > 0 ? excess + slackBytesOf(limits, totalBytes) : 0;
    const diskBytes = new Map<number, number>();
    for (const [id, room] of this.#rooms) {
      const excess = withSlack(room.excess(id === disk ? bytes : 0), room.limits, room.figures.totalBytes);
      if (excess > 0) {
        diskBytes.set(id, excess);
      }
    }
    const anywhereBytes = withSlack(this.#anywhere(bytes), this.#options.limits, this.figures.totalBytes);
    const era = String(clock.monoNs() / HOUR_NS);
    return await this.#planner.plan({ nowUs: clock.wallUs(), era, diskBytes, anywhereBytes });
  }

  #tell(victims: readonly Victim<FrontSegment>[]): void {
    const { clock, log } = this.#options;
    for (const { rule } of victims) {
      this.deletedByRule.set(rule, (this.deletedByRule.get(rule) ?? 0) + 1);
    }
    const broken = victims.filter(({ rule }) => rule === "guarantee-broken");
    const rules = Object.fromEntries(
      RETENTION_RULES.map((rule) => [rule, victims.filter((victim) => victim.rule === rule).length] as const),
    );
    log.info({ segments: victims.length, ...rules }, "deleted recordings");
    if (broken.length > 0) {
      this.#brokenOf = [...new Set(broken.map(({ segment }) => segment.camera))].sort().join(", ");
      if (this.#brokenUntilNs === undefined || clock.monoNs() >= this.#brokenUntilNs) {
        log.error({ cameras: this.#brokenOf }, "too little room for what is guaranteed: the oldest of it is deleted");
      }
      this.#brokenUntilNs = clock.monoNs() + TOLD_NS;
    }
  }
}
