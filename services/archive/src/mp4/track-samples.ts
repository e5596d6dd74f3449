/** Reads the samples of a track fragment (trun) one by one. Pure. Source: ISO/IEC 14496-12 §8.8.7–8. */
import type { Box } from "./box.ts";
import type { Track } from "./init.ts";

/** One sample as its fragment tells it. */
export interface Sample {
  readonly durationTicks: number;
  readonly bytes: number;
  readonly isKey: boolean;
  /** Presentation time minus decode time. */
  readonly compositionTicks: number;
}

/** The samples of one traf. */
export interface SampleRun {
  /** Where the samples lie, from the start of the moof box. */
  readonly dataOffset: number;
  readonly samples: readonly Sample[];
}

const TFHD = { baseDataOffset: 0x1, descriptionIndex: 0x2, duration: 0x8, bytes: 0x10, flags: 0x20 } as const;
const TRUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  bytes: 0x200,
  flags: 0x400,
  composition: 0x800,
} as const;
const SAMPLE_IS_NON_SYNC = 0x10000;
/** A second of audio has 48,000 samples at the very most; a damaged count must not cost gigabytes. */
const SAMPLES_MAX = 65_536;

interface SampleDefaults {
  readonly durationTicks: number;
  readonly bytes: number;
  readonly flags: number;
}

/** Reads tfhd and trun of a traf; undefined when they are malformed or use absolute data offsets. */
export function readSampleRun(view: DataView, tfhd: Box, trun: Box, track: Track): SampleRun | undefined {
  const defaults = readDefaults(view, tfhd, track);
  return defaults && readRun(view, trun, defaults);
}

function readDefaults(view: DataView, tfhd: Box, track: Track): SampleDefaults | undefined {
  const flags = view.getUint32(tfhd.offset + 8) & 0xffffff;
  if ((flags & TFHD.baseDataOffset) !== 0) {
    return undefined;
  }
  let at = tfhd.offset + 16 + ((flags & TFHD.descriptionIndex) === 0 ? 0 : 4);
  const next = (flag: number, fallback: number): number => {
    if ((flags & flag) === 0 || at + 4 > tfhd.offset + tfhd.bytes) {
      return fallback;
    }
    at += 4;
    return view.getUint32(at - 4);
  };
  return {
    durationTicks: next(TFHD.duration, track.defaultDurationTicks),
    bytes: next(TFHD.bytes, track.defaultBytes),
    flags: next(TFHD.flags, track.defaultFlags),
  };
}

function readRun(view: DataView, trun: Box, defaults: SampleDefaults): SampleRun | undefined {
  const flags = view.getUint32(trun.offset + 8) & 0xffffff;
  const count = view.getUint32(trun.offset + 12);
  const fields = [TRUN.duration, TRUN.bytes, TRUN.flags, TRUN.composition].filter((flag) => (flags & flag) !== 0);
  const firstFlagsBytes = (flags & TRUN.firstFlags) === 0 ? 0 : 4;
  if (
    (flags & TRUN.dataOffset) === 0 ||
    trun.bytes !== 20 + firstFlagsBytes + count * fields.length * 4 ||
    count === 0 ||
    count > SAMPLES_MAX
  ) {
    return undefined;
  }
  let at = trun.offset + 20 + firstFlagsBytes;
  const samples: Sample[] = [];
  for (let index = 0; index < count; index++) {
    let { durationTicks, bytes, flags: sampleFlags } = defaults;
    let compositionTicks = 0;
    for (const field of fields) {
      if (field === TRUN.duration) {
        durationTicks = view.getUint32(at);
      } else if (field === TRUN.bytes) {
        bytes = view.getUint32(at);
      } else if (field === TRUN.flags) {
        sampleFlags = view.getUint32(at);
      } else {
        compositionTicks = view.getInt32(at); // version 0 is unsigned, but no picture is shown 6 hours late
      }
      at += 4;
    }
    if (index === 0 && firstFlagsBytes !== 0) {
      sampleFlags = view.getUint32(trun.offset + 20);
    }
    samples.push({ durationTicks, bytes, isKey: (sampleFlags & SAMPLE_IS_NON_SYNC) === 0, compositionTicks });
  }
  return { dataOffset: view.getInt32(trun.offset + 16), samples };
}
