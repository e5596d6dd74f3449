/** A camera for tests: a file, looped at its own rate, into a real packet ring; decoded into a real frame ring; results on demand. */
import { randomUUID } from "node:crypto";
import { systemClock } from "@lanthorn/base";
import {
  type Box,
  type CameraId,
  type DetectionEvent,
  encodeSnapshot,
  type FrameReference,
  type ResultRecord,
  ringName,
} from "@lanthorn/contract";
import { Decoder, encodeJpeg, StreamSource } from "@lanthorn/media";
import { ByteRingReader, ByteRingWriter, type Lease, RECORD_TYPES, SlotRingReader } from "@lanthorn/rings";

/** What a feed is made of. */
export interface CameraFeedOptions {
  readonly prefix: string;
  readonly camera: string;
  readonly file: string;
  /** Whether pictures are decoded too, for stills and snapshots. */
  readonly decode?: boolean;
}

/** See above. Owner: close(). */
export class CameraFeed {
  readonly camera: CameraId;
  readonly packetRing: string;
  readonly source: StreamSource;
  readonly #options: CameraFeedOptions;
  readonly #results: ByteRingWriter;
  readonly #decoder: Decoder | undefined;

  constructor(options: CameraFeedOptions) {
    const { prefix, camera, file } = options;
    this.#options = options;
    this.camera = camera as CameraId;
    this.packetRing = ringName(prefix, camera, "packets");
    this.#results = ByteRingWriter.create({
      name: ringName(prefix, camera, "results"),
      capacityBytes: 4 * 1024 * 1024,
    });
    this.#results.describe({ camera });
    this.source = StreamSource.open({ url: file, packetRing: this.packetRing, cameraId: camera });
    if (options.decode === true) {
      this.#decoder = Decoder.open({ packetRing: this.packetRing, frameRing: ringName(prefix, camera, "frames") });
    }
  }

  /** The newest video packet as a frame is spoken of; undefined before the first. */
  frame(): FrameReference | undefined {
    const reader = ByteRingReader.open(this.packetRing);
    try {
      reader.seek("newest-key");
      let newest: FrameReference | undefined;
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (record.meta.streamIndex === 0 && record.meta.pts90k !== undefined) {
          newest = {
            sequence: Number(record.meta.sequence),
            captureWallUs: Number(record.meta.captureWallUs),
            pts90k: Number(record.meta.pts90k),
            widthPx: 640,
            heightPx: 360,
          };
        }
      }
      return newest;
    } finally {
      reader.close();
    }
  }

  /** Writes a result record. */
  say(record: ResultRecord): void {
    this.#append(RECORD_TYPES.result, Buffer.from(JSON.stringify(record)), record.frame);
  }

  /** Begins an event at the newest frame; returns it. */
  beginEvent(box: Box, label = "motion"): DetectionEvent {
    const frame = this.#needFrame();
    const event: DetectionEvent = {
      id: uuidV7(frame.captureWallUs),
      camera: this.camera,
      trackId: randomUUID().slice(0, 8),
      label,
      startWallUs: frame.captureWallUs,
      endWallUs: null,
      box,
      score01: 0.8,
      topScore01: 0.9,
      zones: [],
      model: "motion",
    };
    this.say({ type: "event", phase: "new", camera: this.camera, frame, event, arrivalToEventMs: 12 });
    this.#snapshot(event, frame);
    return event;
  }

  /** Shows a thing at a place in the newest frame. */
  moveEvent(event: DetectionEvent, box: Box): void {
    const frame = this.#needFrame();
    const detection = { trackId: event.trackId, label: event.label, score01: 0.8, box };
    this.say({ type: "frame", camera: this.camera, frame, detections: [detection] });
  }

  /** Ends an event at the newest frame. */
  endEvent(event: DetectionEvent): void {
    const frame = this.#needFrame();
    this.say({ type: "frame", camera: this.camera, frame, detections: [] });
    const ended = { ...event, endWallUs: frame.captureWallUs };
    this.say({ type: "event", phase: "end", camera: this.camera, frame, event: ended, arrivalToEventMs: 12 });
  }

  /** Ends thread and rings. */
  close(): void {
    this.#decoder?.close();
    this.source.close();
    this.#results.close();
  }

  #needFrame(): FrameReference {
    const frame = this.frame();
    if (frame === undefined) {
      throw new Error(`no frame of ${this.camera} yet`);
    }
    return frame;
  }

  #snapshot(event: DetectionEvent, frame: FrameReference): void {
    if (this.#decoder === undefined) {
      return;
    }
    const reader = SlotRingReader.open(ringName(this.#options.prefix, this.camera, "frames"));
    const lease = newestOf(reader);
    if (lease !== undefined) {
      const jpeg = encodeJpeg(lease.bytes, lease.frame, { maxWidthPx: 480 });
      lease.release();
      const header = {
        camera: this.camera,
        eventId: event.id,
        label: event.label,
        captureWallUs: frame.captureWallUs,
        box: event.box,
        widthPx: frame.widthPx,
        heightPx: frame.heightPx,
      };
      this.#append(RECORD_TYPES.snapshot, encodeSnapshot(header, jpeg), frame);
    }
    reader.close();
  }

  #append(
    type: typeof RECORD_TYPES.result | typeof RECORD_TYPES.snapshot,
    payload: Buffer,
    frame: FrameReference,
  ): void {
    const now = systemClock.monoNs();
    this.#results.append(
      {
        captureMonoNs: now,
        captureWallUs: BigInt(frame.captureWallUs),
        arrivalMonoNs: now,
        pts90k: BigInt(frame.pts90k),
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

function newestOf(reader: SlotRingReader): Lease | undefined {
  try {
    return reader.leaseNewest();
  } catch {
    return undefined; // overtaken by the writer: this event has no picture
  }
}

/** A UUID version 7 for an instant. Source: RFC 9562 §5.7. */
export function uuidV7(wallUs: number): string {
  const time = Math.floor(wallUs / 1000)
    .toString(16)
    .padStart(12, "0");
  const random = randomUUID().replaceAll("-", "");
  const hex = `${time}7${random.slice(13, 16)}8${random.slice(17, 20)}${random.slice(20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
