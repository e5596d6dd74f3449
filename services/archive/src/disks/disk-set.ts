/**
 * The disks that recordings go to: which of those in archive.toml are there, as they come and go. A disk is its identity file, not its
 * path. Does not: room (retention/disk-keeper.ts), files of a disk that came back (disk-return.ts).
 * Source: docs/design/archive.md#disks.
 */
import { randomUUID } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Clock, Log, Module } from "@lanthorn/base";
import type { ArchiveConfig } from "../config.ts";
import { archiveErrors } from "../error-codes.ts";
import { type DiskRow, STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import { isDiskThere, readDiskUuid, writeDiskUuid } from "./disk-identity.ts";

/** A disk as archive.toml wants it. */
export interface DiskWish {
  readonly directory: string;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  /** Cameras that are recorded here while the disk can be used; empty: none in particular. */
  readonly cameras: readonly string[];
  /** Only takes recordings when no other disk can. */
  readonly isSpare?: boolean;
}

/** What is wanted of the disk of the state directory. */
export function stateDiskWish(
  stateDir: string,
  { recording, retention }: Pick<ArchiveConfig, "recording" | "retention">,
): DiskWish {
  const isSpare = recording.stateDisk === "spare";
  return { directory: stateDir, maxBytes: 0, minFreeBytes: retention.minFreeBytes, cameras: [], isSpare };
}

/** A disk of the table, with what is wanted of it. */
export interface KnownDisk extends DiskRow {
  /** undefined: not in archive.toml (any more); nothing new is written to it. */
  readonly wish: DiskWish | undefined;
}

/** What a disk set needs. */
export interface DiskSetOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly stateWish: DiskWish;
  readonly wishes: readonly DiskWish[];
  /** Brings files and rows of a disk into agreement that was away; the disk counts as missing until it is done. */
  readonly welcome: (disk: DiskRow) => Promise<void>;
}

/** How often the disks are looked at. */
const LOOK_EVERY_MS = 1000;
/** A disk that refused a write gets no new segment for so long, as long as there is another. */
const SUSPECT_MS = 60_000;

/** The disks. */
export class DiskSet implements Module {
  readonly name = "disks";
  readonly #options: DiskSetOptions;
  readonly #wishOf = new Map<number, DiskWish>();
  readonly #unusable = new Map<DiskWish, string>();
  readonly #suspectUntilNs = new Map<number, bigint>();
  #looking: Promise<void> | undefined;
  #stopLooking: (() => void) | undefined;

  constructor(options: DiskSetOptions) {
    this.#options = options;
  }

  /** Finds the disks once, before anything is recovered, then keeps looking. */
  async start(): Promise<void> {
    await this.look();
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, () =>
      this.look().catch((error: unknown) => this.#options.log.error({ err: error }, "cannot look for the disks")),
    );
  }

  /** Stops looking. */
  async stop(): Promise<void> {
    this.#stopLooking?.();
    await this.#looking?.catch(() => {});
  }

  /** All disks there ever were. */
  list(): KnownDisk[] {
    return this.#options.store.disks.list().map((disk) => ({ ...disk, wish: this.wishOf(disk.id) }));
  }

  /** What is wanted of a disk. */
  wishOf(disk: number): DiskWish | undefined {
    return disk === STATE_DISK ? this.#options.stateWish : this.#wishOf.get(disk);
  }

  /** The disks that new segments may go to; those that refused a write lately only when there is no other. */
  writable(): KnownDisk[] {
    const present = this.list().filter(({ state, wish }) => state === "present" && wish !== undefined);
    const nowNs = this.#options.clock.monoNs();
    const good = present.filter(({ id }) => (this.#suspectUntilNs.get(id) ?? 0n) <= nowNs);
    return good.length > 0 ? good : present;
  }

  /** A disk refused a write. */
  suspect(disk: number): void {
    this.#suspectUntilNs.set(disk, this.#options.clock.monoNs() + BigInt(SUSPECT_MS) * 1_000_000n);
  }

  /** Looks at one disk now. Throws: ARCHIVE_DISK_MISSING. */
  async require(id: number): Promise<void> {
    const disk = this.#options.store.disks.byId(id);
    if (disk?.state === "present" && (await isDiskThere(disk))) {
      return;
    }
    if (disk?.state === "present") {
      this.#lose(disk);
    }
    throw archiveErrors.make("ARCHIVE_DISK_MISSING", { directory: disk?.directory ?? `disk ${id}` });
  }

  /** What the owner should know. */
  faults(): string[] {
    const missing = this.list().filter(({ state, wish }) => state === "missing" && wish !== undefined);
    return [
      ...missing.map(
        ({ directory, uuid }) => `disk ${directory} (${uuid}) is missing: what lies on it cannot be played`,
      ),
      ...this.#unusable.values(),
    ];
  }

  /** One look at a time; others wait for it. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { store, wishes } = this.#options;
    for (const wish of wishes) {
      await this.#settle(wish);
    }
    for (const disk of store.disks.list()) {
      const isThere = await isDiskThere(disk);
      if (isThere && disk.state === "missing") {
        await this.#regain(disk);
      } else if (!isThere && disk.state === "present") {
        this.#lose(disk);
      }
    }
  }

  /** Finds out which disk lies at a wished directory, or makes one there. */
  async #settle(wish: DiskWish): Promise<void> {
    const { log, store } = this.#options;
    const directory = resolve(wish.directory);
    const uuid = await readDiskUuid(directory);
    const known = store.disks
      .list()
      .find((disk) => (uuid === undefined ? disk.directory === directory : disk.uuid === uuid));
    this.#unusable.delete(wish);
    if (uuid === undefined) {
      const refusal = await this.#refusalOf(directory);
      if (refusal === undefined) {
        const made = randomUUID();
        await writeDiskUuid(directory, made);
        this.#wishOf.set(store.disks.add(made, directory), wish);
        log.info({ directory, uuid: made }, "a new disk");
      } else if (known === undefined) {
        this.#unusable.set(wish, refusal);
      } else {
        this.#wishOf.set(known.id, wish); // its own fault says that it is missing
      }
    } else if (known === undefined) {
      this.#wishOf.set(store.disks.add(uuid, directory), wish);
      log.info({ directory, uuid }, "a disk that was known elsewhere");
    } else {
      if (known.directory !== directory) {
        store.disks.move(known.id, directory);
        log.info({ directory, uuid, before: known.directory }, "a disk is mounted elsewhere now");
      }
      this.#wishOf.set(known.id, wish);
    }
  }

  /** Why a directory without identity file is not made a disk; undefined: it may. */
  async #refusalOf(directory: string): Promise<string | undefined> {
    const { store } = this.#options;
    const there = await stat(directory).catch(() => undefined);
    if (there === undefined || !there.isDirectory()) {
      return `disk ${directory}: there is no such directory; mount the disk`;
    }
    if ((await stat("/")).dev === there.dev) {
      return `disk ${directory}: lies on the file system of the system itself; mount a disk there`;
    }
    // Where a disk was, an empty directory is its mount point, unless another disk is mounted there now.
    const wasDisk = store.disks.list().some((disk) => disk.directory === directory);
    if (wasDisk && (await stat(dirname(directory))).dev === there.dev) {
      return `disk ${directory}: is not mounted`;
    }
    for (const disk of store.disks.list()) {
      const other = await stat(disk.directory).catch(() => undefined);
      if (other?.dev === there.dev && (disk.id === STATE_DISK || (await isDiskThere(disk)))) {
        return `disk ${directory}: lies on the same file system as ${disk.directory}; mount a disk there`;
      }
    }
    const names = await readdir(directory).catch(() => undefined);
    if (names === undefined) {
      return `disk ${directory}: cannot be read`;
    }
    return names.includes("recordings")
      ? `disk ${directory}: holds recordings but no identity file; restore ${join(directory, "lanthorn-disk.json")}, or empty the disk`
      : undefined;
  }

  #lose(disk: DiskRow): void {
    this.#options.store.disks.setState(disk.id, "missing");
    this.#options.log.error(
      { directory: disk.directory, uuid: disk.uuid },
      "a disk is gone: recording goes on elsewhere, what lies on it cannot be played",
    );
  }

  async #regain(disk: DiskRow): Promise<void> {
    const { log, store, welcome } = this.#options;
    try {
      await welcome(disk);
      store.disks.setState(disk.id, "present");
      log.info({ directory: disk.directory, uuid: disk.uuid }, "a disk is back");
    } catch (error) {
      log.error({ directory: disk.directory, uuid: disk.uuid, err: error }, "a disk is back, but cannot be taken up");
    }
  }
}
