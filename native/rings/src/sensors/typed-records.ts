/** Records of byte rings as what they are: sound, samples, results. */
import { LanthornError } from "@lanthorn/base";
import type { ByteRingReader, ReadRecord } from "../byte-ring-reader.ts";
import { RECORD_TYPES, type RecordMeta } from "../record-meta.ts";
import { parseRingDescription } from "./description-parser.ts";
import { isPcmStream, type PcmStream, type RingDescription, type RingStream } from "./descriptions.ts";
import { decodeImu, type ImuSample } from "./imu.ts";
import { decodePcm, type PcmSamples } from "./pcm.ts";
import { decodeResultJson } from "./results.ts";

/**
 * A record's content by its kind. `undescribed`: PCM whose format is not known, because the description it was written under is
 * gone or names no such stream; or a record of a type that this version does not know.
 */
export type TypedContent =
  | { kind: "pcm"; stream: PcmStream; samples: PcmSamples }
  | { kind: "imu"; samples: ImuSample[] }
  | { kind: "result"; value: unknown }
  | { kind: "packet" | "snapshot" | "data" | "undescribed"; stream: RingStream | undefined; payload: Buffer };

/** A record's description, its content, and how many records were lost just before it. */
export type TypedRecord = TypedContent & { meta: RecordMeta; dropped: number };

/** Turns the records of one ring, also across restarts of its writer, into typed ones; remembers the descriptions it saw. */
export class RecordDecoder {
  #incarnation: bigint | undefined;
  #version = 0;
  #description: RingDescription = { streams: [] };

  /**
   * Decodes a record just read from this reader.
   * Throws: RING_PAYLOAD_INVALID, RING_DESCRIPTION_INVALID, RING_TORN, RING_CORRUPT, RING_CLOSED.
   */
  decode(record: ReadRecord, reader: ByteRingReader): TypedRecord {
    const { meta, dropped } = record;
    return { meta, dropped, ...contentOf(record, () => this.#streamOf(meta, reader)) };
  }

  #streamOf(meta: RecordMeta, reader: ByteRingReader): RingStream | undefined {
    if (reader.incarnation !== this.#incarnation || meta.descriptionVersion !== this.#version) {
      const { version, value } = reader.description();
      this.#description = parseRingDescription(value);
      this.#incarnation = reader.incarnation;
      this.#version = version;
    }
    return meta.descriptionVersion === this.#version
      ? this.#description.streams.find(({ index }) => index === meta.streamIndex)
      : undefined;
  }
}

/**
 * Yields a ring's records, typed, until its writer is gone or the signal is aborted. Throws: as RecordDecoder.decode and wait.
 * To go on across restarts of the writer, use followByteRing with a RecordDecoder.
 */
export async function* typedRecords(reader: ByteRingReader, signal?: AbortSignal): AsyncGenerator<TypedRecord> {
  const decoder = new RecordDecoder();
  while (signal?.aborted !== true && (await reader.wait(-1, signal)) !== "gone") {
    for (let record = nextUntilGone(reader); record !== undefined; record = nextUntilGone(reader)) {
      yield decoder.decode(record, reader);
    }
  }
}

/** Everything whole was read when a ring says that it is gone: the wait says it once more, and ends the reading. */
function nextUntilGone(reader: ByteRingReader): ReadRecord | undefined {
  try {
    return reader.next();
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_GONE") {
      return undefined;
    }
    throw error;
  }
}

function contentOf({ meta, payload }: ReadRecord, findStream: () => RingStream | undefined): TypedContent {
  switch (meta.type) {
    case RECORD_TYPES.imu:
      return { kind: "imu", samples: decodeImu(payload) };
    case RECORD_TYPES.result:
      return { kind: "result", value: decodeResultJson(payload) };
  }
  const stream = findStream();
  switch (meta.type) {
    case RECORD_TYPES.pcm:
      return isPcmStream(stream)
        ? { kind: "pcm", stream, samples: decodePcm(payload, stream) }
        : { kind: "undescribed", stream, payload };
    case RECORD_TYPES.packet:
      return { kind: "packet", stream, payload };
    case RECORD_TYPES.snapshot:
      return { kind: "snapshot", stream, payload };
    case RECORD_TYPES.data:
      return { kind: "data", stream, payload };
    default: // another program may write numbers that RecordType does not have
      return { kind: "undescribed", stream, payload };
  }
}
