/** `cat` of a slot ring: PNG files, a Y4M stream, or bare planes. */
import { elapsedMs } from "@lanthorn/base";
import { planeViews, type RingInfo, SlotRingReader } from "../../src/index.ts";
import { toolErrors } from "../error-codes.ts";
import { unlessRingFault } from "../ring-facts.ts";
import { type CopiedFrame, frames } from "./frame-feed.ts";
import type { Job, Written } from "./job.ts";
import { openOutput } from "./output.ts";
import { pictureOf } from "./picture.ts";
import { encodePng } from "./png.ts";
import { y4mFrame, y4mHead } from "./y4m.ts";

/** Formats that frames can be written in; the first is for one frame. */
export const FRAME_FORMATS = ["png", "y4m", "raw"] as const;

const TICKS_PER_S = 90_000;
const FRAMES_PER_S_UNKNOWN = 25; // of a single frame; Y4M must name a rate

/** Writes frames as the job says. Throws: RING_OUTPUT_FORMAT, RING_OUTPUT_FAILED, and what the ring's readers throw. */
export async function catFrames(info: RingInfo, job: Job): Promise<Written> {
  using reader = SlotRingReader.open(info.name);
  const description = unlessRingFault(undefined, () => reader.description());
  const feed = frames(reader, info.slotBytes, job.allowance, job.signal);
  return job.format === "png" ? await writePngs(feed, description, job) : await writeStream(feed, job);
}

async function writePngs(feed: AsyncGenerator<CopiedFrame>, description: unknown, job: Job): Promise<Written> {
  const written: Written = { count: 0, missed: 0 };
  for await (const { frame, bytes, missed } of feed) {
    const { picture, note } = pictureOf(frame, bytes, description);
    if (note !== undefined && written.count === 0) {
      job.tell(note);
    }
    written.count += 1;
    written.missed += missed;
    const output = await openOutput(fileOf(job.file, written.count), job.signal);
    try {
      await output.write(await encodePng(picture));
    } catch (error) {
      await output.discard();
      throw error;
    }
    await output.finish();
  }
  return written;
}

/** The file of a frame: `%d` and `%06d` stand for its number, from 1. */
function fileOf(pattern: string, number: number): string {
  return pattern.replace(/%(?:0(\d+))?d/, (_, digits: string | undefined) =>
    `${number}`.padStart(Number(digits ?? 1), "0"),
  );
}

async function writeStream(feed: AsyncGenerator<CopiedFrame>, job: Job): Promise<Written> {
  const written: Written = { count: 0, missed: 0 };
  const output = await openOutput(job.file, job.signal);
  try {
    let first: CopiedFrame | undefined;
    for await (const copied of withRate(feed)) {
      first ??= copied;
      checkSame(first, copied);
      const head = first === copied ? headOf(copied, job) : [];
      const body = job.format === "y4m" ? y4mFrame(copied.frame, copied.bytes) : bareRows(copied);
      if (!(await output.write(Buffer.concat([...head, body])))) {
        break;
      }
      written.count += 1;
      written.missed += copied.missed;
    }
  } catch (error) {
    await output.discard();
    throw error;
  }
  await (written.count === 0 ? output.discard() : output.finish());
  return written;
}

/** Holds the first frame back until the second tells the rate. */
async function* withRate(feed: AsyncGenerator<CopiedFrame>): AsyncGenerator<CopiedFrame & { framesPerS: number }> {
  let first: CopiedFrame | undefined;
  let framesPerS = FRAMES_PER_S_UNKNOWN;
  let isHeld = false;
  for await (const copied of feed) {
    if (first === undefined) {
      first = copied;
      isHeld = true;
      continue;
    }
    if (isHeld) {
      isHeld = false;
      framesPerS = rateOf(first, copied) ?? framesPerS;
      yield { ...first, framesPerS };
    }
    yield { ...copied, framesPerS };
  }
  if (isHeld && first !== undefined) {
    yield { ...first, framesPerS };
  }
}

/** The source's own rate, by its presentation times; by when frames were published where it has none. */
function rateOf({ frame: first }: CopiedFrame, { frame: second }: CopiedFrame): number | undefined {
  const periods = Number(second.sequence - first.sequence);
  const ptsS = Number(second.pts90k - first.pts90k) / TICKS_PER_S;
  const apartS = ptsS > 0 ? ptsS : elapsedMs(first.publishMonoNs, second.publishMonoNs) / 1000;
  return apartS > 0 ? periods / apartS : undefined;
}

function headOf({ frame, framesPerS }: CopiedFrame & { framesPerS: number }, job: Job): Buffer[] {
  if (job.format === "y4m") {
    return [y4mHead(frame, framesPerS)];
  }
  const { pixelFormat, widthPx, heightPx } = frame;
  job.tell(`play with: ffplay -f rawvideo -pixel_format ${pixelFormat} -video_size ${widthPx}x${heightPx} FILE`);
  return [];
}

/** Planes one after the other, rows without padding: FFmpeg's rawvideo. */
function bareRows({ frame, bytes }: CopiedFrame): Buffer {
  const rows = planeViews(frame, bytes).flatMap((plane) => {
    const rowSamples = plane.columns * plane.channels;
    return Array.from({ length: plane.rows }, (_, row) => {
      const { buffer, byteOffset, byteLength } = plane.samples.subarray(
        row * plane.strideSamples,
        row * plane.strideSamples + rowSamples,
      );
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
  });
  return Buffer.concat(rows);
}

function checkSame({ frame: first }: CopiedFrame, { frame }: CopiedFrame): void {
  const words = (meta: typeof frame) => `${meta.widthPx}x${meta.heightPx} ${meta.pixelFormat}`;
  if (words(first) !== words(frame)) {
    throw toolErrors.make("RING_OUTPUT_FORMAT", {
      detail: `Expected frames of ${words(first)} to the end but received ${words(frame)}; one stream holds one size: write PNG (-o %06d.png)`,
    });
  }
}
