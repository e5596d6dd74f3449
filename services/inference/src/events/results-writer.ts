/** Writes a camera's results ring: RESULT and SNAPSHOT records as @lanthorn/contract has them. */
import { type Clock, elapsedMs } from "@lanthorn/base";
import {
  type Camera,
  type EmbeddingModel,
  embeddingToText,
  encodeSnapshot,
  type FrameReference,
  type ResultRecord,
  ringName,
  type SnapshotHeader,
} from "@lanthorn/contract";
import { ByteRingWriter, type FrameMeta, RECORD_TYPES, type RecordType } from "@lanthorn/rings";
import type { Track } from "../tracking/track.ts";
import type { EventReport } from "./event-log.ts";

/** The times and place of the frame that a record speaks of. */
export type FrameStamp = Pick<
  FrameMeta,
  "sequence" | "captureMonoNs" | "captureWallUs" | "arrivalMonoNs" | "pts90k" | "widthPx" | "heightPx"
>;

/** What a results ring needs. */
export interface ResultsWriterOptions {
  readonly ringPrefix: string;
  readonly camera: Camera["id"];
  readonly model: string;
  readonly capacityBytes: number;
  readonly clock: Clock;
}

/** The writing end of a camera's results ring. */
export class ResultsWriter {
  readonly #options: ResultsWriterOptions;
  readonly #ring: ByteRingWriter;
  #isClosed = false;

  /** Makes the ring. Throws: RING_EXISTS while another process writes it, RING_NO_SPACE, RING_PERMISSION. */
  constructor(options: ResultsWriterOptions) {
    this.#options = options;
    const { camera, capacityBytes, model, ringPrefix } = options;
    this.#ring = ByteRingWriter.create({ name: ringName(ringPrefix, camera, "results"), capacityBytes });
    this.#ring.describe({ camera, model });
  }

  /** Writes what is in a frame. */
  writeFrame(stamp: FrameStamp, tracks: readonly Track[]): void {
    const detections = tracks.map(({ id, label, score01, box }) => ({ trackId: id, label, score01, box }));
    const { camera } = this.#options;
    this.#writeResult(stamp, { type: "frame", camera, frame: frameReference(stamp), detections });
  }

  /** Writes an event's phase. Returns arrivalToEventMs: from the arrival of the frame until this record. */
  writeEvent(stamp: FrameStamp, { phase, event }: EventReport): number {
    const { camera, clock } = this.#options;
    const arrivalToEventMs = elapsedMs(stamp.arrivalMonoNs, clock.monoNs());
    this.#writeResult(stamp, { type: "event", phase, camera, frame: frameReference(stamp), event, arrivalToEventMs });
    return arrivalToEventMs;
  }

  /** Writes an event's picture. */
  writeSnapshot(stamp: FrameStamp, header: SnapshotHeader, jpeg: Uint8Array): void {
    this.#append(stamp, RECORD_TYPES.snapshot, encodeSnapshot(header, jpeg));
  }

  /** Writes what an event's picture shows. Comes late, so the ring may have ended: then nothing is written. */
  writeEmbedding(stamp: FrameStamp, eventId: string, values: Int8Array, model: EmbeddingModel): void {
    if (!this.#isClosed) {
      const { camera } = this.#options;
      const frame = frameReference(stamp);
      const text = embeddingToText(values);
      this.#writeResult(stamp, { type: "embedding", camera, frame, eventId, model, dims: values.length, values: text });
    }
  }

  /** Ends the ring: its readers are told. */
  close(): void {
    this.#isClosed = true;
    this.#ring.close();
  }

  #writeResult(stamp: FrameStamp, record: ResultRecord): void {
    this.#append(stamp, RECORD_TYPES.result, Buffer.from(JSON.stringify(record)));
  }

  #append(stamp: FrameStamp, type: RecordType, payload: Uint8Array): void {
    const { captureMonoNs, captureWallUs, arrivalMonoNs, pts90k } = stamp;
    this.#ring.append(
      {
        captureMonoNs,
        captureWallUs,
        arrivalMonoNs,
        pts90k,
        dts90k: undefined,
        duration90k: 0,
        type,
        key: false,
        discontinuity: false,
        streamIndex: 0,
      },
      payload,
    );
  }
}

/** The frame as records name it. */
export function frameReference(stamp: FrameStamp): FrameReference {
  return {
    sequence: Number(stamp.sequence),
    captureWallUs: Number(stamp.captureWallUs),
    pts90k: Number(stamp.pts90k),
    widthPx: stamp.widthPx,
    heightPx: stamp.heightPx,
  };
}
