/** Finds and reads previews: one at an instant, or many spread over a span. Reads files only; never the database, never video. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { type Clock, elapsedMs } from "@lanthorn/base";
import { dayNumberOf } from "../recording/recording-paths.ts";
import { DayIndex, spread } from "./day-index.ts";
import { isJpegOf, type PreviewEntry } from "./preview-entry.ts";
import { previewFilesOf } from "./preview-paths.ts";

/** Indexes kept in memory: one of 5 s pictures takes 0.76 MB. */
const KEPT_MOST = 16;
/** An index is believed so long before its file is looked at again, milliseconds: someone who looks along a timeline asks often. */
const BELIEVED_MS = 500;
/** Damaged pictures passed over on the way back from an instant. */
const PASSED_OVER_MOST = 16;

/** A picture that was found. */
export interface FoundPreview {
  readonly camera: string;
  readonly entry: PreviewEntry;
}

/** A picture and what may be said of the question. */
export interface PreviewAnswer extends FoundPreview {
  readonly jpeg: Buffer;
  /** The same question will get the same picture for as long as there is one. */
  readonly isFinal: boolean;
}

interface KeptIndex {
  readonly lookedNs: bigint;
  readonly bytes: number;
  readonly changedMs: number;
  readonly index: DayIndex;
}

/** Reads previews. */
export class PreviewReader {
  readonly #stateDir: string;
  readonly #clock: Clock;
  /** By path; the one used last is last. */
  readonly #kept = new Map<string, KeptIndex>();

  constructor(stateDir: string, clock: Clock) {
    this.#stateDir = stateDir;
    this.#clock = clock;
  }

  /** The newest whole picture taken at or before an instant, but not longer before than `withinUs`. */
  async at(camera: string, atUs: number, withinUs: number): Promise<PreviewAnswer | undefined> {
    const earliestUs = atUs - withinUs;
    let hasLater = false;
    let passedOver = 0;
    for (let day = dayNumberOf(atUs); day >= dayNumberOf(earliestUs); day--) {
      const index = await this.#index(camera, day);
      const found = index.before(atUs + 1);
      hasLater ||= found < index.length;
      for (let number = found - 1; number >= 0 && passedOver < PASSED_OVER_MOST; number--, passedOver++) {
        const timeUs = index.timeUs(number) ?? 0;
        if (timeUs < earliestUs) {
          return undefined;
        }
        const entry = index.entry(number);
        const jpeg = entry && (await this.read({ camera, entry }));
        if (entry !== undefined && jpeg !== undefined) {
          return { camera, entry, jpeg, isFinal: hasLater || timeUs === atUs };
        }
      }
    }
    return undefined;
  }

  /** How many pictures there are in [fromUs, toUs), and at most `count` of them, evenly spread. */
  async list(
    camera: string,
    fromUs: number,
    toUs: number,
    count: number,
  ): Promise<{ available: number; found: FoundPreview[] }> {
    const days: { day: number; first: number; length: number }[] = [];
    for (let day = dayNumberOf(fromUs); day <= dayNumberOf(toUs - 1); day++) {
      const index = await this.#index(camera, day);
      const first = index.before(fromUs);
      days.push({ day, first, length: index.before(toUs) - first });
    }
    const available = days.reduce((sum, { length }) => sum + length, 0);
    const numbers = spread(available, count);
    const found: FoundPreview[] = [];
    let before = 0;
    for (const { day, first, length } of days) {
      const ofDay = numbers.filter((number) => number >= before && number < before + length);
      const index = ofDay.length > 0 ? await this.#index(camera, day) : undefined;
      for (const number of ofDay) {
        const entry = index?.entry(first + number - before);
        if (entry !== undefined) {
          found.push({ camera, entry });
        }
      }
      before += length;
    }
    return { available, found };
  }

  /** The JPEG of a picture; undefined when it is not whole, or gone. */
  async read(preview: FoundPreview): Promise<Buffer | undefined> {
    for await (const { jpeg } of this.readAll([preview])) {
      return jpeg;
    }
    return undefined;
  }

  /** The whole pictures among some, one in memory at a time; a day's pack is opened once. */
  async *readAll(previews: readonly FoundPreview[]): AsyncGenerator<FoundPreview & { readonly jpeg: Buffer }> {
    let path = "";
    let handle: FileHandle | undefined;
    try {
      for (const { camera, entry } of previews) {
        const wanted = previewFilesOf(this.#stateDir, camera, dayNumberOf(entry.captureWallUs)).pack;
        if (wanted !== path) {
          await handle?.close();
          handle = undefined;
          path = wanted;
          handle = await open(wanted, "r").catch(undefinedIfMissing);
        }
        const jpeg = handle && (await wholeJpeg(handle, entry));
        if (jpeg !== undefined) {
          yield { camera, entry, jpeg };
        }
      }
    } finally {
      void handle?.close().catch(() => {}); // nobody need wait for it
    }
  }

  async #index(camera: string, day: number): Promise<DayIndex> {
    const path = previewFilesOf(this.#stateDir, camera, day).index;
    const kept = this.#kept.get(path);
    const nowNs = this.#clock.monoNs();
    if (kept !== undefined && elapsedMs(kept.lookedNs, nowNs) < BELIEVED_MS) {
      return kept.index;
    }
    const facts = await stat(path).catch(undefinedIfMissing);
    this.#kept.delete(path);
    if (facts === undefined) {
      return new DayIndex(Buffer.alloc(0), day);
    }
    const isSame = kept?.bytes === facts.size && kept.changedMs === facts.mtimeMs;
    const index = isSame ? kept.index : await readIndex(path, day);
    this.#kept.set(path, { lookedNs: nowNs, bytes: facts.size, changedMs: facts.mtimeMs, index });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MOST) {
        break;
      }
      this.#kept.delete(oldest);
    }
    return index;
  }
}

async function wholeJpeg(pack: FileHandle, entry: PreviewEntry): Promise<Buffer | undefined> {
  const jpeg = Buffer.allocUnsafe(entry.jpegBytes);
  const { bytesRead } = await pack.read(jpeg, 0, entry.jpegBytes, entry.offsetBytes);
  return bytesRead === entry.jpegBytes && isJpegOf(entry, jpeg) ? jpeg : undefined;
}

async function readIndex(path: string, day: number): Promise<DayIndex> {
  const handle = await open(path, "r").catch(undefinedIfMissing);
  try {
    return new DayIndex((await handle?.readFile()) ?? Buffer.alloc(0), day);
  } finally {
    await handle?.close();
  }
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") {
    throw error;
  }
}
