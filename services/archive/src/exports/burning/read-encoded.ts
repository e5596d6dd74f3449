/** Reads what the encoder wrote: the samples of its one track. */
import { archiveErrors } from "../../error-codes.ts";
import { readBoxHeader } from "../../mp4/box.ts";
import { parseInit } from "../../mp4/init.ts";
import { type ByteSource, readFragment } from "../../mp4/walk.ts";
import { SampleTable, type TrackTable } from "../progressive/track-table.ts";
import { descriptionOf } from "../worker/tracks-of-footage.ts";

/** The encoder's one track. */
export type EncodedTrack = Pick<TrackTable, "timescale" | "description" | "samples">;

/** Reads ftyp, moov and every fragment. `shiftTicks`: added to every time. Throws: ARCHIVE_EXPORT_UNREADABLE. */
export async function readEncoded(
  bytes: ByteSource,
  place: { readonly source: number; readonly shiftTicks: number; readonly camera: string },
): Promise<EncodedTrack> {
  const unreadable = (what: string) => archiveErrors.make("ARCHIVE_EXPORT_UNREADABLE", { camera: place.camera, what });
  let offset = 0;
  for (let box = readBoxHeader(await bytes.read(0, 16), 0); box !== undefined && box.type !== "moof"; ) {
    offset += box.bytes;
    box = readBoxHeader(await bytes.read(offset, 16), 0);
  }
  const initBytes = await bytes.read(0, offset);
  const init = parseInit(initBytes);
  if (init === undefined) {
    throw unreadable("what the encoder made of it");
  }
  const samples = new SampleTable();
  while (offset < bytes.bytes) {
    const fragment = await readFragment(bytes, offset, init);
    if (typeof fragment === "string") {
      const tail = readBoxHeader(await bytes.read(offset, 16), 0);
      if (tail?.type === "mfra") {
        break;
      }
      throw unreadable(`what the encoder made of it (${fragment})`);
    }
    for (const part of fragment.movie.tracks) {
      let dtsTicks = part.startTicks + place.shiftTicks;
      let at = offset + part.dataOffset;
      for (const { durationTicks, compositionTicks, bytes: size, isKey } of part.samples) {
        samples.pushAfter({
          dtsTicks,
          compositionTicks,
          durationTicks,
          bytes: size,
          key: isKey,
          source: place.source,
          offset: at,
        });
        dtsTicks += durationTicks;
        at += size;
      }
    }
    offset += fragment.bytes;
  }
  if (samples.count === 0) {
    throw unreadable("anything: no picture or sound of it could be decoded");
  }
  return {
    timescale: init.primary.timescale,
    description: descriptionOf(initBytes, init.primary, place.camera),
    samples,
  };
}
