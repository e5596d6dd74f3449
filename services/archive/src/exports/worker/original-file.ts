/** Makes a file of footage as it was recorded: no picture is encoded again. */
import { join } from "node:path";
import type { PlayableSegment } from "../../playback/recording-plan.ts";
import { openByteSource } from "../../recording/durable-file.ts";
import { encodeSound } from "../burning/compatible-sound.ts";
import type { ShownSpan } from "../footage/choose-samples.ts";
import type { KnownGap } from "../footage/footage-plan.ts";
import type { ScannedFootage } from "../footage/scan-footage.ts";
import { layOut } from "../progressive/progressive-layout.ts";
import type { TrackTable } from "../progressive/track-table.ts";
import { layoutBytes } from "./copy-ranges.ts";
import type { FileTask } from "./job-context.ts";
import { type FileDigest, PartFile } from "./part-file.ts";
import { STEP_WEIGHTS } from "./progress-meter.ts";
import { audioTrack, descriptionOf, videoTrack } from "./tracks-of-footage.ts";

/** Footage of one file, with what of it is shown. */
export interface ChosenFootage {
  readonly footage: ScannedFootage;
  readonly segments: readonly PlayableSegment[];
  readonly gaps: readonly KnownGap[];
  /** What the file is made of, as a hexadecimal hash. */
  readonly making: string;
  readonly initBytes: Buffer;
  readonly shown: ShownSpan;
  /** Wall time of the first picture shown. */
  readonly startWallUs: number;
}

/** Something that was put in between: sound pauses for it. */
export interface CardTime {
  /** Before the samples of this source. */
  readonly beforeSource: number;
  readonly lengthS: number;
}

/** Writes the file. */
export async function writeOriginal(task: FileTask, chosen: ChosenFootage): Promise<FileDigest> {
  const { footage, initBytes, shown } = chosen;
  const video = videoTrack(footage, initBytes, shown, task.camera.id);
  const extras: string[] = [];
  const tracks = [video, ...(await soundTracks(task, chosen, extras))];
  return await writeTracks(task, tracks, { footage, extras, startWallUs: chosen.startWallUs });
}

/**
 * The sound beside the pictures as the job wants it. `extras`: files of the work folder that it lies in, filled here. Where cards were
 * put in, it is encoded again, with silence there: no player agrees with another about holes in a sound track.
 */
export async function soundTracks(
  task: FileTask,
  chosen: ChosenFootage,
  extras: string[],
  cards: readonly CardTime[] = [],
): Promise<TrackTable[]> {
  const { footage, initBytes, shown } = chosen;
  const { context, camera, open } = task;
  const { sound } = context.job.options;
  const { timescale } = footage.init.primary;
  const span = { fromS: shown.fromTicks / timescale, toS: shown.toTicks / timescale };
  const tracks: TrackTable[] = [];
  for (const track of sound === "none" ? [] : footage.init.tracks.filter(({ kind }) => kind === "audio")) {
    const table = footage.tables.get(track.id);
    const recorded = table && audioTrack(track, table, descriptionOf(initBytes, track, camera.id), span);
    if (recorded === undefined) {
      continue;
    }
    if (cards.length === 0 && (sound === "original" || track.format === "mp4a")) {
      tracks.push(recorded);
      continue;
    }
    const name = `${chosen.making.slice(0, 16)}-sound-${track.id}.mp4`;
    const source = footage.used.length + extras.length;
    const openSegment = (index: number) => open((footage.used[index] as (typeof footage.used)[number]).segment);
    tracks.push(
      await encodeSound({
        ...{ track: withPauses(recorded, cards), open: openSegment, workDir: context.workDir, name },
        ...{ askRoom: context.askRoom, source, camera: camera.id },
      }),
    );
    extras.push(name);
  }
  return tracks;
}

function withPauses(track: TrackTable, cards: readonly CardTime[]): TrackTable {
  const { samples, timescale, shown } = track;
  const pauseBefore = (source: number) =>
    cards.reduce(
      (sum, { beforeSource, lengthS }) => sum + (source >= beforeSource ? Math.round(lengthS * timescale) : 0),
      0,
    );
  const moved = samples.slice(0, samples.count, (row) => ({
    ...row,
    dtsTicks: row.dtsTicks + pauseBefore(row.source),
  }));
  const pausesTicks = pauseBefore(Number.MAX_SAFE_INTEGER);
  return { ...track, samples: moved, shown: { ...shown, durationTicks: shown.durationTicks + pausesTicks } };
}

/** Writes tracks whose samples lie in the footage's segments and, after those, in files of the work folder. */
export async function writeTracks(
  { context, name, open }: FileTask,
  tracks: readonly TrackTable[],
  from: { footage: ScannedFootage; extras: readonly string[]; startWallUs: number },
): Promise<FileDigest> {
  const { footage, extras, startWallUs } = from;
  const layout = layOut(tracks, startWallUs);
  const openSource = (source: number) => {
    const used = footage.used[source];
    return used === undefined
      ? openByteSource(join(context.workDir, extras[source - footage.used.length] ?? ""))
      : open(used.segment);
  };
  const file = await PartFile.begin(join(context.exportDir, name), layout.bytes, context.askRoom);
  try {
    for await (const bytes of layoutBytes(layout, openSource)) {
      await file.write(bytes);
      context.meter.done(bytes.length * STEP_WEIGHTS.copy);
    }
    return await file.finish();
  } catch (error) {
    await file.abandon().catch(() => {}); // the first error tells more
    throw error;
  }
}
