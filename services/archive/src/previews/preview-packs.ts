/**
 * Previews on disk: one pack of JPEGs and one index a camera and day. No row a picture: 16 cameras make 25 million in 90 days, which
 * would be most of archive.db. Bytes are synced every half minute: a power cut costs pictures of that long, and never tears what stays.
 */
import { crc32 } from "node:zlib";
import type { CommitEntry, SyncTarget } from "../recording/commit-queue.ts";
import { dayNumberOf } from "../recording/recording-paths.ts";
import { DayIndex } from "./day-index.ts";
import type { PendingPreview } from "./pending-previews.ts";
import { ENTRY_BYTES, encodeEntry, type PreviewEntry } from "./preview-entry.ts";
import { previewFilesOf } from "./preview-paths.ts";
import { type OpenDay, openDay } from "./preview-recovery.ts";

/** Pictures nearer to one another than this are not kept, microseconds: a bound for what a day can hold. */
const NEAREST_US = 500_000;
/** Pictures of a day at most: two a second. */
const DAY_MOST = 172_800; // 24 · 3600 · 2

interface OpenPack extends OpenDay {
  readonly dayNumber: number;
  lastUs: number;
  latestUs: number;
  /** The index as it was read last; undefined after it grew. */
  known: DayIndex | undefined;
  /** What is not durable yet. */
  unsynced: SyncTarget[];
  length: number;
}

/** What became of a picture. */
export type AppendOutcome = "kept" | "known" | "too-many";

/** The packs that are written. Owner: close() it. */
export class PreviewPacks {
  readonly #stateDir: string;
  readonly #open = new Map<string, OpenPack>();
  /** What recovery cut and made anew, since start. */
  readonly recovered = { cutBytes: 0, rebuilt: 0 };

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** Appends a picture: to the pack first, then to the index. Throws: what the file system throws; then nothing was kept. */
  async append(camera: string, preview: PendingPreview): Promise<AppendOutcome> {
    const { captureWallUs, heightPx, jpeg, widthPx } = preview;
    const pack = await this.#packOf(camera, dayNumberOf(captureWallUs));
    if (await isKnown(pack, captureWallUs)) {
      return "known";
    }
    if (Math.abs(captureWallUs - pack.lastUs) < NEAREST_US || pack.length >= DAY_MOST) {
      return "too-many";
    }
    const offsetBytes = pack.pack.bytes + ENTRY_BYTES;
    const jpegBytes = jpeg.length;
    const entry: PreviewEntry = { captureWallUs, offsetBytes, jpegBytes, widthPx, heightPx, jpegCrc32: crc32(jpeg) };
    await this.#write(camera, pack, encodeEntry(entry), jpeg);
    pack.lastUs = captureWallUs;
    pack.latestUs = Math.max(pack.latestUs, captureWallUs);
    pack.known = undefined;
    pack.length += 1;
    if (!pack.unsynced.includes(pack.pack)) {
      pack.unsynced.push(pack.pack, pack.index);
    }
    return "kept";
  }

  /** What makes everything appended so far durable, for the next group commit; undefined when it is. */
  unsynced(): CommitEntry | undefined {
    const packs = [...this.#open].filter(([, pack]) => pack.unsynced.length > 0);
    if (packs.length === 0) {
      return undefined;
    }
    const targets = packs.flatMap(([, pack]) => pack.unsynced.splice(0));
    return { targets, failed: () => this.#distrust(packs) };
  }

  /** Recovers a day without appending. */
  async recover(camera: string, dayNumber: number): Promise<void> {
    await this.#packOf(camera, dayNumber);
  }

  /** Closes a camera's files. */
  async release(camera: string): Promise<void> {
    const pack = this.#open.get(camera);
    this.#open.delete(camera);
    await sync(pack);
    await closeBoth(pack);
  }

  /** Syncs and closes everything. */
  async close(): Promise<void> {
    for (const camera of [...this.#open.keys()]) {
      await this.release(camera);
    }
  }

  async #packOf(camera: string, dayNumber: number): Promise<OpenPack> {
    const before = this.#open.get(camera);
    if (before?.dayNumber === dayNumber) {
      return before;
    }
    await this.release(camera);
    const day = await openDay(previewFilesOf(this.#stateDir, camera, dayNumber), dayNumber, this.#stateDir);
    this.recovered.cutBytes += day.cutBytes;
    this.recovered.rebuilt += day.rebuilt;
    const pack: OpenPack = {
      ...day,
      dayNumber,
      lastUs: day.newest.at(-1)?.captureWallUs ?? Number.NEGATIVE_INFINITY,
      latestUs: Math.max(Number.NEGATIVE_INFINITY, ...day.newest.map(({ captureWallUs }) => captureWallUs)),
      known: undefined,
      unsynced: [...day.directories],
      length: Math.floor(day.index.bytes / ENTRY_BYTES) - 1,
    };
    this.#open.set(camera, pack);
    return pack;
  }

  async #write(camera: string, { index, pack }: OpenPack, entry: Buffer, jpeg: Buffer): Promise<void> {
    const [packBytes, indexBytes] = [pack.bytes, index.bytes];
    try {
      await pack.append(Buffer.concat([entry, jpeg]));
      await index.append(entry);
    } catch (error) {
      await pack.truncate(packBytes).catch(() => {});
      await index.truncate(indexBytes).catch(() => {});
      await this.release(camera).catch(() => {}); // opened anew, and brought into agreement, by the next picture
      throw error;
    }
  }

  /** A sync failed: what is on disk is looked into again before more is appended. */
  #distrust(packs: readonly (readonly [string, OpenPack])[]): void {
    for (const [camera, pack] of packs) {
      if (this.#open.get(camera) === pack) {
        this.#open.delete(camera);
      }
      void closeBoth(pack);
    }
  }
}

/** Whether a picture was kept before: a ring that is read again after a restart gives it again. */
async function isKnown(pack: OpenPack, captureWallUs: number): Promise<boolean> {
  if (captureWallUs > pack.latestUs) {
    return false;
  }
  pack.known ??= new DayIndex(await pack.index.read(0, pack.index.bytes), pack.dayNumber);
  return pack.known.timeUs(pack.known.before(captureWallUs)) === captureWallUs;
}

async function sync(pack: OpenPack | undefined): Promise<void> {
  for (const target of pack?.unsynced.splice(0) ?? []) {
    await target.sync().catch(() => {}); // what is not durable is looked into when the day is opened again
  }
}

async function closeBoth(pack: OpenPack | undefined): Promise<void> {
  await pack?.pack.close();
  await pack?.index.close();
}
