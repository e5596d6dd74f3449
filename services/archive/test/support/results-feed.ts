/** Inference's side of a camera's results ring: events and their pictures. */
import { systemClock } from "@lanthorn/base";
import { CameraId, type EventPhase, encodeSnapshot, type ResultRecord, ringName } from "@lanthorn/contract";
import { ByteRingWriter, RECORD_TYPES, type RecordType } from "@lanthorn/rings";

/** One event's record. Times are wall time, microseconds. */
export interface FedEvent {
  readonly id: string;
  readonly phase: EventPhase;
  readonly startUs: number;
  readonly atUs: number;
}

const CAPACITY_BYTES = 4 * 1024 * 1024;

/** Owner: close() it, by which the ring vanishes. */
export class ResultsFeed {
  readonly #camera: CameraId;
  readonly #ring: ByteRingWriter;

  constructor(ringPrefix: string, camera: string) {
    this.#camera = CameraId.parse(camera);
    this.#ring = ByteRingWriter.create({
      name: ringName(ringPrefix, camera, "results"),
      capacityBytes: CAPACITY_BYTES,
    });
  }

  /** Says what happens to an event. */
  event({ id, phase, startUs, atUs }: FedEvent): void {
    const record: ResultRecord = {
      type: "event",
      phase,
      camera: this.#camera,
      frame: { sequence: 1, captureWallUs: atUs, pts90k: 0, widthPx: 320, heightPx: 180 },
      event: {
        id,
        camera: this.#camera,
        trackId: "t1",
        label: "motion",
        startWallUs: startUs,
        endWallUs: phase === "end" ? atUs : null,
        box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
        score01: 0.5,
        topScore01: 0.5,
        zones: ["drive"],
        model: "motion",
      },
      arrivalToEventMs: 1,
    };
    this.#append(RECORD_TYPES.result, Buffer.from(JSON.stringify(record)), atUs);
  }

  /** Gives an event a picture. */
  snapshot(eventId: string, jpeg: Buffer, atUs: number): void {
    const header = {
      camera: this.#camera,
      eventId,
      label: "motion",
      captureWallUs: atUs,
      box: { x: 0, y: 0, width: 1, height: 1 },
      widthPx: 320,
      heightPx: 180,
    };
    this.#append(RECORD_TYPES.snapshot, encodeSnapshot(header, jpeg), atUs);
  }

  /** Ends the ring. */
  close(): void {
    this.#ring.close();
  }

  #append(type: RecordType, payload: Buffer, atUs: number): void {
    const captureMonoNs = systemClock.monoNs();
    this.#ring.append(
      {
        captureMonoNs,
        captureWallUs: BigInt(atUs),
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
