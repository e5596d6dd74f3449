/** `cat` of a byte ring: sound as WAV, anything as JSON lines, or bare payloads. */
import { LanthornError } from "@lanthorn/base";
import {
  ByteRingReader,
  isPcmStream,
  type PcmStream,
  parseRingDescription,
  type ReadRecord,
  RecordDecoder,
  type RingInfo,
  type RingStream,
} from "../../src/index.ts";
import { toolErrors } from "../error-codes.ts";
import { unlessRingFault } from "../ring-facts.ts";
import type { Format, Job, Written } from "./job.ts";
import { recordLine } from "./json-lines.ts";
import { type Output, openOutput } from "./output.ts";
import { wavHead } from "./wav.ts";

/** Formats that records can be written in. */
export const RECORD_FORMATS = ["wav", "jsonl", "raw"] as const satisfies readonly Format[];

/** The format that suits a ring: sound as WAV, coded streams as they are, everything else as JSON lines. */
export function usualRecordFormat(name: string): Format {
  using reader = ByteRingReader.open(name);
  const [first] = streamsOf(reader);
  if (isPcmStream(first)) {
    return "wav";
  }
  return first?.type === "video" || first?.type === "audio" || first?.type === "data" ? "raw" : "jsonl";
}

/** Writes records as the job says. Throws: RING_OUTPUT_FORMAT, RING_OUTPUT_FAILED, and what the ring's readers throw. */
export async function catRecords(info: RingInfo, job: Job): Promise<Written> {
  using reader = ByteRingReader.open(info.name);
  const stream = chosenStream(reader, job);
  const hasVideo = streamsOf(reader).some(({ type }) => type === "video");
  reader.seek(job.from ?? (hasVideo ? "newest-key" : info.alive ? "end" : "oldest"));
  const output = await openOutput(job.file, job.signal);
  const encoder = encoderOf(job, stream, reader, output);
  const written: Written = { count: 0, missed: 0 };
  try {
    await output.write(encoder.head);
    for await (const record of records(reader, job)) {
      written.missed += record.dropped;
      if (record.meta.streamIndex !== stream?.index && stream !== undefined) {
        continue;
      }
      job.allowance.taken += 1;
      written.count += 1;
      if (!(await output.write(encoder.encode(record)))) {
        break;
      }
    }
    await encoder.end();
  } catch (error) {
    await output.discard();
    throw error;
  }
  await (written.count === 0 ? output.discard() : output.finish());
  return written;
}

type Encoder = { head: Uint8Array; encode: (record: ReadRecord) => Uint8Array; end: () => Promise<unknown> };

function encoderOf(job: Job, stream: RingStream | undefined, reader: ByteRingReader, output: Output): Encoder {
  switch (job.format) {
    case "wav":
      return wavEncoder(stream as PcmStream, output);
    case "jsonl": {
      const decoder = new RecordDecoder();
      const encode = (record: ReadRecord) => Buffer.from(recordLine(decoder.decode(record, reader)));
      return { head: new Uint8Array(), encode, end: async () => {} };
    }
    default:
      return { head: new Uint8Array(), encode: ({ payload }) => payload, end: async () => {} };
  }
}

/** A file's head is written again when its length is known. */
function wavEncoder(stream: PcmStream, output: Output): Encoder {
  let dataBytes = 0;
  return {
    head: wavHead(stream, output.isSeekable ? 0 : undefined),
    encode: ({ payload }) => {
      dataBytes += payload.byteLength;
      return payload;
    },
    end: async () => output.isSeekable && (await output.write(wavHead(stream, dataBytes), 0)),
  };
}

/** Which of the ring's streams is meant; undefined: all of them. Throws: RING_OUTPUT_FORMAT. */
function chosenStream(reader: ByteRingReader, { format, streamIndex }: Job): RingStream | undefined {
  const streams = streamsOf(reader);
  if (streamIndex !== undefined) {
    const stream = streams.find(({ index }) => index === streamIndex);
    if (stream === undefined || (format === "wav" && !isPcmStream(stream))) {
      throw noSuchStream(format === "wav" ? "a stream of PCM sound" : "a stream of this ring", streamIndex, streams);
    }
    return stream;
  }
  if (format === "wav") {
    const stream = streams.find(isPcmStream);
    if (stream === undefined) {
      throw noSuchStream("a stream of PCM sound", undefined, streams);
    }
    return stream;
  }
  return format === "raw" ? (streams.find(({ type }) => type === "video") ?? streams[0]) : undefined;
}

function noSuchStream(expected: string, streamIndex: number | undefined, streams: readonly RingStream[]) {
  const have = streams.map(({ index, type }) => `${index} (${type})`).join(", ") || "none";
  const asked = streamIndex === undefined ? "" : ` with index ${streamIndex}`;
  return toolErrors.make("RING_OUTPUT_FORMAT", {
    detail: `Expected ${expected}${asked} but this ring has ${have}; choose with --stream, or write --format jsonl`,
  });
}

function streamsOf(reader: ByteRingReader): RingStream[] {
  return unlessRingFault([], () => parseRingDescription(reader.description().value).streams);
}

async function* records(reader: ByteRingReader, { allowance, signal }: Job): AsyncGenerator<ReadRecord> {
  for (let isGone = false; !allowance.isUsedUp(); ) {
    const record = nextUnlessGone(reader);
    if (record !== undefined) {
      yield record;
      continue;
    }
    if (isGone) {
      return;
    }
    isGone = (await reader.wait(allowance.waitMs(), signal)) === "gone";
  }
}

function nextUnlessGone(reader: ByteRingReader): ReadRecord | undefined {
  try {
    return reader.next();
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_GONE") {
      return undefined; // everything whole was read; the wait says so once more
    }
    throw error;
  }
}
