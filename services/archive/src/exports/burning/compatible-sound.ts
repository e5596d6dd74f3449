/** Turns any sound into AAC of one piece, silence where it was interrupted. */
import { join } from "node:path";
import { openByteSource } from "../../recording/durable-file.ts";
import { layOut } from "../progressive/progressive-layout.ts";
import type { TrackTable } from "../progressive/track-table.ts";
import { layoutBytes, type OpenSource } from "../worker/copy-ranges.ts";
import { type AskRoom, PartFile } from "../worker/part-file.ts";
import { runEncoder } from "./encoder-process.ts";
import { readEncoded } from "./read-encoded.ts";

/** What an AAC encoder puts before the first sample it was given: one frame. */
const PRIMING_TICKS = 1024;

/** What to encode. */
export interface SoundEncoding {
  readonly track: TrackTable;
  readonly open: OpenSource;
  readonly workDir: string;
  readonly name: string;
  readonly askRoom: AskRoom;
  /** The number that the encoded file gets among the sources of the file to be. */
  readonly source: number;
  readonly camera: string;
}

/** Encodes it; the answer's samples lie in the file `name` of the work folder. */
export async function encodeSound(encoding: SoundEncoding): Promise<TrackTable> {
  const { track, workDir, name } = encoding;
  const layout = layOut([track], 0);
  const file = await PartFile.begin(join(workDir, name), layout.bytes, encoding.askRoom);
  try {
    await runEncoder({
      directory: workDir,
      input: layoutBytes(layout, encoding.open),
      output: (bytes) => file.write(bytes),
      arguments: [
        ...[
          "-ignore_editlist",
          "1",
          "-f",
          "mp4",
          "-i",
          "pipe:0",
          "-map",
          "0:a:0",
          "-af",
          "aresample=async=1",
          "-c:a",
          "aac",
        ],
        ...["-b:a", "128k", "-ar", "48000", "-use_editlist", "0", "-map_metadata", "-1"],
        ...["-movflags", "+empty_moov+default_base_moof", "-frag_duration", "1000000", "-f", "mp4", "pipe:1"],
      ],
    });
    await file.finish();
  } catch (error) {
    await file.abandon().catch(() => {}); // the first error tells more
    throw error;
  }
  const bytes = await openByteSource(join(workDir, name));
  try {
    const encoded = await readEncoded(bytes, { source: encoding.source, shiftTicks: 0, camera: encoding.camera });
    const { timescale, samples } = encoded;
    const inNewTicks = (ticks: number) => Math.round((ticks * timescale) / track.timescale);
    const fromTicks = samples.dtsAt(0) + PRIMING_TICKS + inNewTicks(track.shown.fromTicks - track.samples.dtsAt(0));
    const lastTicks = samples.dtsAt(samples.count - 1) + samples.row(samples.count - 1).durationTicks;
    return {
      kind: "audio",
      timescale,
      description: encoded.description,
      samples,
      shown: {
        fromTicks,
        durationTicks: Math.max(0, Math.min(inNewTicks(track.shown.durationTicks), lastTicks - fromTicks)),
      },
      delayTicks: inNewTicks(track.delayTicks),
    };
  } finally {
    await bytes.close();
  }
}
