/** Writes the sample table (stbl) of samples that stand in the movie box itself. Pure. Source: ISO/IEC 14496-12 §8.5–8.7. */
import { writeBox } from "./box.ts";
import type { Sample } from "./track-samples.ts";

/** Samples that lie one after another in the file. */
export interface Chunk {
  /** Where the first one lies in the file. */
  readonly offset: number;
  /** Decode time of the first one, ticks of the track from its first sample. */
  readonly startTicks: number;
  readonly samples: readonly Sample[];
}

/** A full box without version and flags but 0, of 32-bit words. */
function words(type: string, values: readonly number[], version = 0): Buffer {
  const payload = Buffer.alloc(4 + values.length * 4);
  payload.writeUInt8(version);
  for (const [index, value] of values.entries()) {
    payload.writeUInt32BE(value >>> 0, 4 + index * 4);
  }
  return writeBox(type, payload);
}

/** Runs of equal values: [count, value, …]. */
function runs(values: readonly number[]): number[] {
  const pairs: number[] = [];
  for (const value of values) {
    if (pairs.length > 0 && pairs.at(-1) === value) {
      pairs[pairs.length - 2] = (pairs[pairs.length - 2] ?? 0) + 1;
    } else {
      pairs.push(1, value);
    }
  }
  return pairs;
}

/** Durations with which every chunk begins at its time: the last sample before a hole lasts until the hole's end. */
function durationsOf(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap(({ samples, startTicks }, index) => {
    const durations = samples.map(({ durationTicks }) => durationTicks);
    const next = chunks[index + 1];
    if (next !== undefined && durations.length > 0) {
      const others = durations.slice(0, -1).reduce((sum, each) => sum + each, 0);
      durations[durations.length - 1] = Math.max(0, next.startTicks - startTicks - others);
    }
    return durations;
  });
}

/**
 * Writes everything of a sample table but stsd: stts, ctts, stss, stsc, stsz, co64. No chunks: the empty tables of a file whose samples
 * are all in fragments.
 */
export function writeSampleTables(chunks: readonly Chunk[], options: { readonly hasKeys: boolean }): Buffer[] {
  const samples = chunks.flatMap((chunk) => chunk.samples);
  const durations = runs(durationsOf(chunks));
  const compositions = samples.map(({ compositionTicks }) => compositionTicks);
  const boxes = [words("stts", [durations.length / 2, ...durations])];
  if (compositions.some((ticks) => ticks !== 0)) {
    const offsets = runs(compositions);
    boxes.push(words("ctts", [offsets.length / 2, ...offsets], 1)); // version 1: signed
  }
  if (options.hasKeys && samples.length > 0) {
    const keys = samples.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
    boxes.push(words("stss", [keys.length, ...keys]));
  }
  const sizes = chunks.flatMap((chunk, index) => [index + 1, chunk.samples.length, 1]);
  boxes.push(words("stsc", [chunks.length, ...sizes]));
  boxes.push(words("stsz", [0, samples.length, ...samples.map(({ bytes }) => bytes)]));
  const offsets = chunks.flatMap(({ offset }) => [Math.floor(offset / 2 ** 32), offset]);
  boxes.push(words("co64", [chunks.length, ...offsets]));
  return boxes;
}
