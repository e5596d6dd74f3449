/** Reads and re-stamps movie fragments (moof). Pure. Source: ISO/IEC 14496-12 §8.8. */
import { type Box, childBoxes, childrenOf } from "./box.ts";
import type { InitSegment, Track } from "./init.ts";
import { readSampleRun, type Sample, type SampleRun } from "./track-samples.ts";

/** What a fragment holds of one track. */
export interface TrackFragment {
  readonly track: Track;
  /** Decode time of the first sample, in ticks of the track. */
  readonly startTicks: number;
  /** Sum of the sample durations. */
  readonly durationTicks: number;
  /** Duration of the last sample alone. */
  readonly lastDurationTicks: number;
  readonly samples: readonly Sample[];
  /** Where the samples lie, from the start of the moof box. */
  readonly dataOffset: number;
  readonly startsWithKey: boolean;
  /** Presentation time of the first sample minus its decode time, in ticks. */
  readonly firstCompositionTicks: number;
  /** Where the decode time stands in the moof, to re-stamp it (version 1: 8 bytes). */
  readonly startTicksAt: number;
}

/** One moof, read. */
export interface MovieFragment {
  readonly sequence: number;
  readonly sequenceAt: number;
  readonly moofBytes: number;
  readonly tracks: readonly TrackFragment[];
}

/**
 * Reads one whole moof box that starts at byte 0 of `moof`.
 * Returns undefined when it is malformed, speaks of unknown tracks, uses absolute data offsets or a 32-bit decode time: no file of ours does.
 */
export function parseMoof(moof: Uint8Array, init: InitSegment): MovieFragment | undefined {
  const root = childBoxes(moof, 0, moof.length)?.[0];
  const children = root?.type === "moof" && root.bytes === moof.length ? childrenOf(moof, root) : undefined;
  const mfhd = children?.find((box) => box.type === "mfhd");
  if (children === undefined || mfhd === undefined || mfhd.bytes < 16) {
    return undefined;
  }
  const view = new DataView(moof.buffer, moof.byteOffset, moof.byteLength);
  const tracks: TrackFragment[] = [];
  for (const traf of children.filter((box) => box.type === "traf")) {
    const track = parseTraf(view, moof, traf, init);
    if (track === undefined) {
      return undefined;
    }
    tracks.push(track);
  }
  const sequenceAt = mfhd.offset + 12;
  return tracks.length === 0
    ? undefined
    : { sequence: view.getUint32(sequenceAt), sequenceAt, moofBytes: moof.length, tracks };
}

function parseTraf(view: DataView, moof: Uint8Array, traf: Box, init: InitSegment): TrackFragment | undefined {
  const children = childrenOf(moof, traf);
  const tfhd = children?.find((box) => box.type === "tfhd");
  const tfdt = children?.find((box) => box.type === "tfdt");
  const truns = children?.filter((box) => box.type === "trun") ?? [];
  const trun = truns[0];
  if (!tfhd || !tfdt || !trun || truns.length !== 1 || tfhd.bytes < 16 || tfdt.bytes !== 20 || trun.bytes < 16) {
    return undefined;
  }
  if (view.getUint8(tfdt.offset + 8) !== 1) {
    return undefined;
  }
  const trackId = view.getUint32(tfhd.offset + 12);
  const track = init.tracks.find(({ id }) => id === trackId);
  const run = track && readSampleRun(view, tfhd, trun, track);
  if (!track || !run) {
    return undefined;
  }
  const startTicksAt = tfdt.offset + 12;
  return { track, startTicks: Number(view.getBigUint64(startTicksAt)), startTicksAt, ...summarize(run) };
}

function summarize({ dataOffset, samples }: SampleRun) {
  return {
    dataOffset,
    samples,
    durationTicks: samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0),
    lastDurationTicks: samples.at(-1)?.durationTicks ?? 0,
    startsWithKey: samples[0]?.isKey ?? false,
    firstCompositionTicks: samples[0]?.compositionTicks ?? 0,
  };
}

const addBytes = (sum: number, { bytes }: Sample) => sum + bytes;

/** The samples' bytes of all tracks together; the mdat after the moof holds exactly so many. */
export function payloadBytesOf(fragment: MovieFragment): number {
  return fragment.tracks.reduce((sum, { samples }) => samples.reduce(addBytes, sum), 0);
}

/** The part of the primary track, if the fragment holds any of it. */
export function primaryOf(fragment: MovieFragment, init: InitSegment): TrackFragment | undefined {
  return fragment.tracks.find(({ track }) => track.id === init.primary.id);
}

/**
 * Moves a fragment in time, in place: adds `shiftTicks(track)` to every decode time and sets the sequence number.
 * A time that would fall below 0 becomes 0: decode times are unsigned.
 */
export function restampMoof(
  moof: Uint8Array,
  fragment: MovieFragment,
  sequence: number,
  shiftTicks: (track: Track) => number,
): void {
  const view = new DataView(moof.buffer, moof.byteOffset, moof.byteLength);
  view.setUint32(fragment.sequenceAt, sequence);
  for (const part of fragment.tracks) {
    const ticks = Math.max(0, part.startTicks + shiftTicks(part.track));
    view.setBigUint64(part.startTicksAt, BigInt(ticks));
  }
}

/** No coded picture holds so many zero bytes in a row (emulation prevention allows three), and no sound of ours. A disk's sector. */
const ZEROS = Buffer.alloc(512);
/** So many at the very end are no accident either. */
const TAIL_ZEROS_BYTES = 32;

/**
 * Says whether the samples of a whole fragment (moof + mdat) look like samples: every video sample a row of length-prefixed
 * NAL units that fills it to the byte, and no long run of zeros. Finds what a box walk cannot: pages that never reached the disk.
 */
export function holdsSamples(bytes: Buffer, fragment: MovieFragment): boolean {
  const payload = bytes.subarray(fragment.moofBytes);
  const tail = payload.subarray(-TAIL_ZEROS_BYTES);
  return payload.indexOf(ZEROS) < 0 && tail.some((byte) => byte !== 0) && hasWholeNalUnits(bytes, fragment);
}

function hasWholeNalUnits(bytes: Buffer, fragment: MovieFragment): boolean {
  for (const part of fragment.tracks.filter(({ track }) => track.kind === "video")) {
    let offset = part.dataOffset;
    for (const { bytes: sampleBytes } of part.samples) {
      const end = offset + sampleBytes;
      while (offset < end) {
        const nalBytes = offset + 4 <= end && end <= bytes.length ? bytes.readUInt32BE(offset) : 0; // our muxer writes 4-byte lengths
        if (nalBytes === 0 || offset + 4 + nalBytes > end) {
          return false;
        }
        offset += 4 + nalBytes;
      }
    }
  }
  return true;
}
