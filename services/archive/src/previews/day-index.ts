/** The index of one camera's day in memory: which picture there is at or before an instant. Pure. */
import {
  decodeEntry,
  ENTRY_BYTES,
  FILE_HEAD_BYTES,
  hasFileHead,
  type PreviewEntry,
  wallUsOfEntry,
} from "./preview-entry.ts";
import { startOfDayUs } from "./preview-paths.ts";

/** The pictures of a day by their times. Entries with times of another day are none: pages that never reached the disk. */
export class DayIndex {
  readonly #bytes: Buffer;
  readonly #timesUs: Float64Array;
  /** Byte of the entry of each time. */
  readonly #places: Uint32Array;

  constructor(bytes: Buffer, dayNumber: number) {
    this.#bytes = bytes;
    const firstAt = hasFileHead(bytes, "index") ? FILE_HEAD_BYTES : bytes.length;
    const most = Math.floor((bytes.length - firstAt) / ENTRY_BYTES);
    const places = new Uint32Array(most);
    const timesUs = new Float64Array(most);
    const firstUs = startOfDayUs(dayNumber);
    const endUs = startOfDayUs(dayNumber + 1);
    let length = 0;
    let isRising = true;
    for (let at = firstAt; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      const wallUs = wallUsOfEntry(bytes, at);
      if (wallUs >= firstUs && wallUs < endUs) {
        isRising &&= length === 0 || wallUs >= (timesUs[length - 1] ?? 0);
        places[length] = at;
        timesUs[length] = wallUs;
        length += 1;
      }
    }
    this.#places = places.subarray(0, length);
    this.#timesUs = timesUs.subarray(0, length);
    if (!isRising) {
      // The clock went back.
      this.#places.sort((one, other) => wallUsOfEntry(bytes, one) - wallUsOfEntry(bytes, other));
      this.#timesUs.sort();
    }
  }

  /** How many pictures there are. */
  get length(): number {
    return this.#timesUs.length;
  }

  /** How many are earlier than an instant: the number of the first that is not. */
  before(wallUs: number): number {
    let low = 0;
    let high = this.#timesUs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timesUs[middle] ?? 0) < wallUs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** When a picture was taken, by its number in time's order. */
  timeUs(number: number): number | undefined {
    return this.#timesUs[number];
  }

  /** A picture by its number; undefined when its entry is damaged. */
  entry(number: number): PreviewEntry | undefined {
    const at = this.#places[number];
    return at === undefined ? undefined : decodeEntry(this.#bytes, at);
  }
}

/**
 * Numbers of at most `count` of `available` things, evenly spread, first and last included. Ordered, none twice.
 */
export function spread(available: number, count: number): number[] {
  if (available <= count) {
    return Array.from({ length: available }, (_, number) => number);
  }
  if (count === 1) {
    return [0];
  }
  return Array.from({ length: count }, (_, number) => Math.round((number * (available - 1)) / (count - 1)));
}
