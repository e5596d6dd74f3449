/** Makes the tracks of a file out of chosen samples. Pure. */
import { archiveErrors } from "../../error-codes.ts";
import type { Track } from "../../mp4/init.ts";
import { chooseAudio, type ShownSpan } from "../footage/choose-samples.ts";
import type { ScannedFootage } from "../footage/scan-footage.ts";
import { describeTrack } from "../progressive/track-description.ts";
import type { SampleTable, TrackTable } from "../progressive/track-table.ts";

/** The description of a track. Throws: ARCHIVE_EXPORT_UNREADABLE. */
export function descriptionOf(initBytes: Buffer, track: Track, camera: string): TrackTable["description"] {
  const description = describeTrack(initBytes, track.id);
  if (description === undefined) {
    throw archiveErrors.make("ARCHIVE_EXPORT_UNREADABLE", { camera, what: `the header of track ${track.id}` });
  }
  return description;
}

/** The pictures as they were recorded. */
export function videoTrack(footage: ScannedFootage, initBytes: Buffer, shown: ShownSpan, camera: string): TrackTable {
  const { primary } = footage.init;
  const table = footage.tables.get(primary.id) as SampleTable;
  return {
    kind: "video",
    timescale: primary.timescale,
    description: descriptionOf(initBytes, primary, camera),
    samples: table.slice(shown.firstSample, shown.endSample),
    shown: { fromTicks: shown.fromTicks, durationTicks: shown.toTicks - shown.fromTicks },
    delayTicks: 0,
  };
}

/** The sound beside the pictures, as it was recorded; undefined when there is none. `fromS`, `toS`: on the line of the footage. */
export function audioTrack(
  track: Track,
  table: SampleTable,
  description: TrackTable["description"],
  shown: { fromS: number; toS: number },
): TrackTable | undefined {
  const { timescale } = track;
  const { firstSample, endSample } = chooseAudio(table, timescale, shown);
  if (endSample === firstSample) {
    return undefined;
  }
  const last = table.row(endSample - 1);
  const wantedTicks = Math.round(shown.fromS * timescale);
  const fromTicks = Math.max(wantedTicks, table.dtsAt(firstSample));
  const toTicks = Math.min(Math.round(shown.toS * timescale), last.dtsTicks + last.durationTicks);
  return {
    kind: "audio",
    timescale,
    description,
    samples: table.slice(firstSample, endSample),
    shown: { fromTicks, durationTicks: Math.max(0, toTicks - fromTicks) },
    delayTicks: fromTicks - wantedTicks,
  };
}
