/** Inference's side of a results ring, made by hand. */
import { systemClock } from "@lanthorn/base";
import {
  type CameraId,
  type EventPhase,
  embeddingToText,
  encodeSnapshot,
  type ResultRecord,
  ringName,
} from "@lanthorn/contract";
import { ByteRingWriter, RECORD_TYPES, type RecordType } from "@lanthorn/rings";

/** Capture time of made pictures. */
const T0 = 1_790_000_000_000_000;

/** Writes results of one camera. Owner: close() it. */
export class MadeResults {
  #ring: ByteRingWriter;
  readonly #name: string;
  readonly #camera: CameraId;

  constructor(ringPrefix: string, camera: CameraId) {
    this.#camera = camera;
    this.#name = ringName(ringPrefix, camera, "results");
    this.#ring = ByteRingWriter.create({ name: this.#name, capacityBytes: 4 * 1024 * 1024 });
  }

  /** Somebody has looked at the picture captured then, and nothing was in it. */
  looked(atUs: number): void {
    const frame = { sequence: 1, captureWallUs: atUs, pts90k: 0, widthPx: 320, heightPx: 180 };
    const record: ResultRecord = { type: "frame", camera: this.#camera, frame, detections: [] };
    this.#append(RECORD_TYPES.result, Buffer.from(JSON.stringify(record)));
  }

  /** A phase of an event, as of the picture captured at `atUs`. */
  event(
    id: string,
    phase: EventPhase,
    startUs: number,
    atUs: number,
    more: { label?: string; score01?: number } = {},
  ): void {
    const score01 = more.score01 ?? 0.5;
    const record: ResultRecord = {
      type: "event",
      phase,
      camera: this.#camera,
      frame: { sequence: 1, captureWallUs: atUs, pts90k: 0, widthPx: 320, heightPx: 180 },
      event: {
        id,
        camera: this.#camera,
        trackId: "t1",
        label: more.label ?? "motion",
        startWallUs: startUs,
        endWallUs: phase === "end" ? atUs : null,
        box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
        score01,
        topScore01: score01,
        zones: ["drive"],
        model: "motion",
      },
      arrivalToEventMs: 1,
    };
    this.#append(RECORD_TYPES.result, Buffer.from(JSON.stringify(record)));
  }

  /** A picture of an event, captured at `atUs`. */
  snapshot(eventId: string, jpeg: Buffer, atUs = T0): void {
    const header = {
      camera: this.#camera,
      eventId,
      label: "motion",
      captureWallUs: atUs,
      box: { x: 0, y: 0, width: 1, height: 1 },
      widthPx: 320,
      heightPx: 180,
    };
    this.#append(RECORD_TYPES.snapshot, encodeSnapshot(header, jpeg));
  }

  /** What the picture of an event captured at `atUs` shows, as an embedding pack says. */
  embedding(eventId: string, atUs: number, vector: Int8Array, version = "1"): void {
    const record: ResultRecord = {
      type: "embedding",
      camera: this.#camera,
      frame: { sequence: 1, captureWallUs: atUs, pts90k: 0, widthPx: 320, heightPx: 180 },
      eventId,
      model: { name: "made", version },
      dims: vector.length,
      values: embeddingToText(vector),
    };
    this.#append(RECORD_TYPES.result, Buffer.from(JSON.stringify(record)));
  }

  /** Records that are none. */
  garbage(): void {
    this.#append(RECORD_TYPES.result, Buffer.from("{"));
    this.#append(RECORD_TYPES.snapshot, Buffer.from("xx"));
  }

  /** Another inference takes over: a new ring under the same name. */
  restart(): void {
    this.#ring.close();
    this.#ring = ByteRingWriter.create({ name: this.#name, capacityBytes: 4 * 1024 * 1024 });
  }

  /** Ends the ring. */
  close(): void {
    this.#ring.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #append(type: RecordType, payload: Buffer): void {
    const captureMonoNs = systemClock.monoNs();
    this.#ring.append(
      {
        captureMonoNs,
        captureWallUs: BigInt(T0),
        arrivalMonoNs: captureMonoNs,
        pts90k: undefined,
        dts90k: undefined,
        duration90k: 0,
        type,
        key: true,
        discontinuity: false,
        streamIndex: 0,
      },
      payload,
    );
  }
}
