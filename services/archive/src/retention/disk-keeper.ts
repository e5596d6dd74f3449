/**
 * Keeps room on the disks: knows what is free before anything is written, and has room made. What is free: room.ts. What goes:
 * retention-rules.ts. Source: docs/design/archive.md#floor. Tested: test/retention/disk-keeper.test.ts.
 */
import type { Clock, Log, Module } from "@lanthorn/base";
import type { RecordingSettings } from "@lanthorn/contract";
import type { DiskSet } from "../disks/disk-set.ts";
import type { DiskSpace } from "../recording/recorder-context.ts";
import { STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import { LOOK_EVERY_MS, RecentMost } from "./fill-rate.ts";
import { makeSpaceReader, type ReadSpace } from "./free-space.ts";
import { choosePlace } from "./placement.ts";
import { type DiskFigures, type RetentionLimits, slackBytesOf } from "./retention-plan.ts";
import { RetentionPlanner } from "./retention-planner.ts";
import type { RetentionRule } from "./retention-rules.ts";
import { Room } from "./room.ts";
import { RoomMaker, type WantedRoom } from "./room-maker.ts";
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
  /** Reads free space; if not said, that of the machine. */
  readonly readSpace?: ReadSpace;
}

/** Free space older than this is looked at again before anything is written; near the floor, every time. */
const FRESH_NS = 200_000_000n;
/** Countings of what is ours, between two countings of folders, and between two looks for what is too old or too much of one camera. */
const COUNTS_PER_MINUTE = 30;
/** Longest that a write waits for room while there is something to delete: half of what the smallest ring holds. */
const PATIENCE_MS = 4000;

/** Room on the disks. */
export class DiskKeeper implements Module, DiskSpace {
  readonly name = "disk-keeper";
  readonly #options: DiskKeeperOptions;
  readonly #readSpace: ReadSpace;
  readonly #rooms = new Map<number, Room>();
  readonly #maker: RoomMaker;
  readonly #reaction = new RecentMost();
  readonly #stopping = new AbortController();
  #folders = { exports: 0, previews: 0, thumbnails: 0, backups: 0 };
  #database = { database: 0, wal: 0 };
  #bytesByDisk = new Map<number, number>();
  /** Admitted beside recordings since folders were counted. */
  #besidesBytes = 0;
  /** Bytes of those who wait for room, by disk. */
  readonly #awaitedBytes = new Map<number, number>();
  #counts = 0;
  #looking: Promise<void> | undefined;
  /** Looks at free space since start. */
  looks = 0;
  /** Writes admitted below the floor since start: nothing was left to delete, or deleting took too long. */
  admittedBelowFloor = 0;

  constructor(options: DiskKeeperOptions) {
    this.#options = options;
    this.#readSpace = options.readSpace ?? makeSpaceReader();
    const { clock, settingsOf, store } = options;
    this.#maker = new RoomMaker({
      ...options,
      planner: new RetentionPlanner({ store, settingsOf, rest: () => clock.sleep(0) }),
      wanted: () => this.#wanted(),
      deleting: (disk) => this.#deleting(disk),
    });
  }

  /** Looks at the disks once, then keeps looking. */
  async start(): Promise<void> {
    await this.#count(true);
    this.#looking = this.#keepLooking(this.#stopping.signal);
  }

  /** Stops looking. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.#maker.stop();
  }

  /** Segments deleted since start, by the rule that said so. */
  get deletedByRule(): ReadonlyMap<RetentionRule, number> {
    return this.#maker.deletedByRule;
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
    const { broken } = this.#maker;
    if (broken !== undefined) {
      faults.push(`too little room for what is guaranteed: recordings of ${broken} are deleted before their time`);
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

  async admit(bytes: number, disk?: number): Promise<boolean> {
    const isAdmitted = await this.#ask(bytes, disk ?? STATE_DISK, (room) => {
      this.admittedBelowFloor += room.figures.freeBytes - bytes < room.floorBytes ? 1 : 0;
      room.take(bytes, this.#options.clock.monoNs());
    });
    this.#besidesBytes += isAdmitted && disk === undefined ? bytes : 0;
    return isAdmitted;
  }

  /** Makes room on the state directory's disk for what will be admitted bit by bit later; notes nothing. false: there is none. */
  async provide(bytes: number): Promise<boolean> {
    return await this.#ask(bytes, STATE_DISK, () => {});
  }

  /**
   * Waits until there is room, nothing is left to delete, or recording cannot wait any longer. false: there is none. Between the last
   * look at the figures and `take` nothing comes: of several that ask at once each sees what those before took.
   */
  async #ask(bytes: number, disk: number, take: (room: Room) => void): Promise<boolean> {
    const { clock, disks } = this.#options;
    if (disk !== STATE_DISK) {
      await disks.require(disk);
    }
    await this.#refresh(disk, bytes);
    if (this.#lacksRoom(bytes, disk)) {
      const ended = new AbortController();
      const enough = clock.sleep(PATIENCE_MS, ended.signal).catch(() => {});
      this.#awaitedBytes.set(disk, (this.#awaitedBytes.get(disk) ?? 0) + bytes);
      for (let isMore = true; isMore && this.#lacksRoom(bytes, disk); ) {
        isMore = (await Promise.race([this.#maker.nextBatch(), enough])) === true;
      }
      this.#awaitedBytes.set(disk, (this.#awaitedBytes.get(disk) ?? 0) - bytes);
      ended.abort();
    }
    const room = this.#rooms.get(disk);
    if (room === undefined || room.isFull(bytes)) {
      return false;
    }
    take(room);
    if (room.wanted(0) > 0) {
      void this.#maker.make(); // nobody has to wait for the headroom
    }
    return true;
  }

  #lacksRoom(bytes: number, disk: number): boolean {
    return (this.#rooms.get(disk)?.excess(bytes) ?? 0) > 0 || this.#anywhere(bytes) > 0;
  }

  /** Bytes beyond the limit of everything. */
  #anywhere(bytes: number): number {
    const { maxBytes } = this.#options.limits;
    return maxBytes > 0 ? Math.max(0, this.figures.usedBytes + bytes - maxBytes) : 0;
  }

  #wanted(): WantedRoom {
    const diskBytes = new Map<number, number>();
    let awaitedBytes = 0;
    for (const [id, room] of this.#rooms) {
      const awaited = this.#awaitedBytes.get(id) ?? 0;
      awaitedBytes += awaited;
      const bytes = room.wanted(awaited);
      if (bytes > 0) {
        diskBytes.set(id, bytes);
      }
    }
    const anywhere = this.#anywhere(awaitedBytes);
    const slackBytes = slackBytesOf(this.#options.limits, this.figures.totalBytes);
    return { diskBytes, anywhereBytes: anywhere > 0 ? anywhere + slackBytes : 0 };
  }

  /** Notes how long it takes from the last look before until the files are gone. */
  #deleting(disk: number): (freedBytes: number) => Promise<void> {
    const { clock } = this.#options;
    const room = this.#rooms.get(disk);
    const sinceNs = room?.seenNs ?? clock.monoNs();
    room?.beginDeleting();
    return async (freedBytes) => {
      const nowNs = clock.monoNs();
      this.#reaction.note(Number(nowNs - sinceNs) / 1e9, nowNs);
      room?.freed(freedBytes);
      await this.#lookOrDrop(disk);
    };
  }

  /** Another process may fill the disk at any time. */
  async #refresh(disk: number, bytes: number): Promise<void> {
    const room = this.#rooms.get(disk);
    const ageNs = this.#options.clock.monoNs() - (room?.seenNs ?? 0n);
    if (room !== undefined && (ageNs > FRESH_NS || room.wanted(bytes) > 0)) {
      await this.#look(disk);
    }
  }

  /** Reads free space of a disk. Throws what statfs(2) throws. */
  async #look(disk: number): Promise<void> {
    const room = this.#rooms.get(disk);
    if (room !== undefined) {
      const beganNs = this.#options.clock.monoNs();
      const space = this.#readSpace(room.directory);
      room.see(space instanceof Promise ? await space : space, beganNs);
      room.reactionS = this.#reaction.read(beganNs);
      this.looks += 1;
    }
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let countNs = clock.monoNs();
    while (!signal.aborted) {
      await clock
        .sleep(Math.min(LOOK_EVERY_MS, ...[...this.#rooms.values()].map(({ lookInMs }) => lookInMs)), signal)
        .catch(() => {});
      if (signal.aborted) {
        return;
      }
      const isCount = clock.monoNs() - countNs >= LOOK_EVERY_MS * 1e6;
      countNs = isCount ? clock.monoNs() : countNs;
      try {
        await this.#lookAround(isCount);
      } catch (error) {
        log.error({ err: error }, "cannot look at the disks");
      }
    }
  }

  async #lookAround(isCount: boolean): Promise<void> {
    this.#counts += isCount ? 1 : 0;
    const isMinute = isCount && this.#counts % COUNTS_PER_MINUTE === 0;
    if (isCount) {
      this.#maker.tell();
      await this.#count(isMinute);
    } else {
      for (const disk of [...this.#rooms.keys()]) {
        await this.#lookOrDrop(disk);
      }
    }
    const { diskBytes, anywhereBytes } = this.#wanted();
    if (isMinute || (isCount && this.#counts === 1) || diskBytes.size > 0 || anywhereBytes > 0) {
      void this.#maker.make(); // looks go on meanwhile
    }
  }

  async #lookOrDrop(disk: number): Promise<void> {
    try {
      await this.#look(disk);
    } catch (error) {
      const directory = this.#rooms.get(disk)?.directory;
      this.#rooms.delete(disk);
      this.#options.log.warn({ directory, err: error }, "cannot look at a disk");
    }
  }

  /** Counts what is ours and looks at every disk; `all` counts folders anew. */
  async #count(all: boolean): Promise<void> {
    const { disks, stateDir, store } = this.#options;
    if (all) {
      const before = this.#besidesBytes;
      this.#folders = await measureFolders(stateDir);
      this.#besidesBytes -= before; // what was admitted meanwhile may not have been seen
    }
    this.#database = await measureDatabase(stateDir);
    for (const disk of disks.list()) {
      if (disk.state === "missing") {
        this.#rooms.delete(disk.id);
        continue;
      }
      if (this.#rooms.get(disk.id)?.directory !== disk.directory) {
        // The state directory's limit of bytes is that of everything together.
        const { maxBytes = 0, minFreeBytes = 0 } = disk.wish ?? {};
        this.#rooms.set(disk.id, new Room(disk.directory, { maxBytes, minFreeBytes }));
      }
      await this.#lookOrDrop(disk.id);
    }
    this.#bytesByDisk = store.segments.bytesByDisk();
    for (const { disk, mediaBytes } of this.#options.growing()) {
      this.#bytesByDisk.set(disk, (this.#bytesByDisk.get(disk) ?? 0) + mediaBytes);
    }
    const { recordings: _recordings, ...others } = this.usage;
    const besides = Object.values(others).reduce((sum, bytes) => sum + bytes, this.#besidesBytes);
    for (const [id, room] of this.#rooms) {
      room.count((this.#bytesByDisk.get(id) ?? 0) + (id === STATE_DISK ? besides : 0));
    }
  }
}
