/** Finds and reads previews: one at an instant, or many spread over a span. Reads files only; never the database, never video. */
import { open, stat } from "node:fs/promises";
import { dayNumberOf } from "../recording/recording-paths.ts";
import { DayIndex, spread } from "./day-index.ts";
import { isJpegOf, type PreviewEntry } from "./preview-entry.ts";
import { previewFilesOf } from "./preview-paths.ts";

/** Indexes kept in memory: one of 5 s pictures is 0.55 MB. */
const KEPT_MOST = 8;
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
  readonly bytes: number;
  readonly changedMs: number;
  readonly index: DayIndex;
}

/** Reads previews. */
export class PreviewReader {
  readonly #stateDir: string;
  /** By path; the one used last is last. */
  readonly #kept = new Map<string, KeptIndex>();

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
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
  async read({ camera, entry }: FoundPreview): Promise<Buffer | undefined> {
    const path = previewFilesOf(this.#stateDir, camera, dayNumberOf(entry.captureWallUs)).pack;
    const handle = await open(path, "r").catch(undefinedIfMissing);
    if (handle === undefined) {
      return undefined;
    }
    try {
      const jpeg = Buffer.allocUnsafe(entry.jpegBytes);
      const { bytesRead } = await handle.read(jpeg, 0, entry.jpegBytes, entry.offsetBytes);
      return bytesRead === entry.jpegBytes && isJpegOf(entry, jpeg) ? jpeg : undefined;
    } finally {
      await handle.close();
    }
  }

  async #index(camera: string, day: number): Promise<DayIndex> {
    const path = previewFilesOf(this.#stateDir, camera, day).index;
    const facts = await stat(path).catch(undefinedIfMissing);
    const kept = this.#kept.get(path);
    this.#kept.delete(path);
    if (facts === undefined) {
      return new DayIndex(Buffer.alloc(0), day);
    }
    const isSame = kept?.bytes === facts.size && kept.changedMs === facts.mtimeMs;
    const now = isSame ? kept : { bytes: facts.size, changedMs: facts.mtimeMs, index: await readIndex(path, day) };
    this.#kept.set(path, now);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MOST) {
        break;
      }
      this.#kept.delete(oldest);
    }
    return now.index;
  }
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
