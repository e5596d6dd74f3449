/**
 * Begins a stream at the very picture that is shown at an instant: the fragments from the key frame before it to it become samples of
 * the movie box, and an edit list hides what comes before (docs/design/archive.md#exact-start). Pure. Tested: test/playback/exact-start.test.ts.
 */
import { editInit, type TrackEdit } from "../mp4/edited-init.ts";
import type { TrackFragment } from "../mp4/fragment.ts";
import type { InitSegment, Track } from "../mp4/init.ts";
import type { WalkedFragment } from "../mp4/walk.ts";
import { ticksOf90k } from "../recording/media-time.ts";

/** What stands in the movie box instead of in fragments. */
export interface Lead {
  /** The mdat boxes of the first segment's file, whose samples the movie box describes. */
  readonly mdats: readonly { readonly offset: number; readonly bytes: number }[];
  /** Where the first fragment that stays one starts. */
  readonly restOffset: number;
  /** The first picture shown, 90 kHz from the segment's start. */
  readonly start90k: number;
  /** Media time at which presentation begins, by track: what is added to the times of all fragments. */
  readonly startTicks: ReadonlyMap<number, number>;
  readonly chunks: ReadonlyMap<number, TrackEdit["chunks"]>;
}

/** 1/90,000 s: an instant in microseconds may be rounded to just before the picture it means. */
export const ROUNDING_90K = 1;

/** Earliest decode time of any track of a fragment, 90 kHz. */
export function start90kOf({ movie }: WalkedFragment): number {
  return Math.min(...movie.tracks.map(({ startTicks, track }) => (startTicks * 90_000) / track.timescale));
}

/** Chooses the picture shown at an instant out of the fragments from its key frame on, and lays out what leads up to it. */
export function makeLead(fragments: readonly WalkedFragment[], init: InitSegment, time90k: number): Lead | undefined {
  const first = fragments[0];
  const start90k = pictureAt(fragments, init.primary, time90k + ROUNDING_90K);
  if (first === undefined || start90k === undefined) {
    return undefined;
  }
  const leading = fragments.filter((fragment) => start90kOf(fragment) < start90k);
  const end = leading.at(-1);
  const mdats = leading.map(({ offset, bytes, movie }) => ({
    offset: offset + movie.moofBytes,
    bytes: bytes - movie.moofBytes,
  }));
  const chunks = new Map(init.tracks.map((track) => [track.id, chunksOf(leading, track)]));
  const startTicks = new Map(
    init.tracks.map((track) => [
      track.id,
      ticksOf90k(start90k, track.timescale) - firstTicks(leading, track, start90k),
    ]),
  );
  return { mdats, restOffset: end === undefined ? first.offset : end.offset + end.bytes, start90k, startTicks, chunks };
}

/** ftyp + moov for a stream with a lead; undefined when the stored ones are not as our muxer writes them. */
export function initWithLead(
  init: InitSegment,
  initBytes: Buffer,
  lead: Lead,
  duration90k: number,
): Buffer | undefined {
  const edits = init.tracks.map((track): TrackEdit => {
    const startTicks = lead.startTicks.get(track.id) ?? 0;
    const mediaTicks = Math.max(0, startTicks + ticksOf90k(duration90k, track.timescale));
    return { track, chunks: lead.chunks.get(track.id) ?? [], startTicks, mediaTicks };
  });
  return editInit(initBytes, edits, duration90k / 90_000);
}

/** Presentation time (90 kHz) of the last picture at or before an instant; of the first, if all are later. */
function pictureAt(fragments: readonly WalkedFragment[], track: Track, time90k: number): number | undefined {
  let shown: number | undefined;
  let earliest: number | undefined;
  for (const part of partsOf(fragments, track)) {
    let ticks = part.startTicks;
    for (const { compositionTicks, durationTicks } of part.samples) {
      const at90k = ((ticks + compositionTicks) * 90_000) / track.timescale;
      earliest = Math.min(earliest ?? at90k, at90k);
      shown = at90k <= time90k ? Math.max(shown ?? at90k, at90k) : shown;
      ticks += durationTicks;
    }
  }
  return shown ?? earliest;
}

function partsOf(fragments: readonly WalkedFragment[], track: Track): TrackFragment[] {
  return fragments.flatMap(({ movie }) => movie.tracks.filter((part) => part.track.id === track.id));
}

/** Where a track's own media time begins, in ticks from the segment's start: at its first sample in the movie box. */
function firstTicks(leading: readonly WalkedFragment[], track: Track, start90k: number): number {
  return partsOf(leading, track)[0]?.startTicks ?? ticksOf90k(start90k, track.timescale);
}

/** One chunk a fragment; offsets count from the first mdat, since they follow one another in the stream. */
function chunksOf(leading: readonly WalkedFragment[], track: Track): TrackEdit["chunks"] {
  const chunks: TrackEdit["chunks"][number][] = [];
  let before = 0;
  let origin: number | undefined;
  for (const { bytes, movie } of leading) {
    const part = movie.tracks.find((each) => each.track.id === track.id);
    if (part !== undefined) {
      origin ??= part.startTicks;
      const offset = before + part.dataOffset - movie.moofBytes;
      chunks.push({ offset, startTicks: part.startTicks - origin, samples: part.samples });
    }
    before += bytes - movie.moofBytes;
  }
  return chunks;
}
