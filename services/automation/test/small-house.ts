/** What surrounds automation, for tests: a registry, results and frame rings, and an ingest that answers. */
import { createServer, type Server } from "node:http";
import { type Log, socketPathOf, systemClock } from "@lanthorn/base";
import {
  type CameraLink,
  type DetectionEvent,
  type EventPhase,
  encodeSnapshot,
  IngestStatus,
  ResultRecord,
  ringName,
} from "@lanthorn/contract";
import { openRegistryWriter } from "@lanthorn/registry";
import { ByteRingWriter, RECORD_TYPES } from "@lanthorn/rings";
import { makeTemporaryHome, type ServiceProcess, startService, type TemporaryHome } from "@lanthorn/testing";

/** A logger that says nothing, where a test needs one. */
export const silentLog = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Log;

/** The smallest JPEG that says what it is. */
export const JPEG = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");

/** A link in good order. */
export function goodLink(id: string): CameraLink {
  const link = {
    ...{ id, state: "connected", encrypted: true, keyLengthBits: 256, light: "green", peer: "127.0.0.1:40000" },
    ...{ connectedSinceWallUs: 1, lastDisconnectCause: null, reconnects: 0, pktRecv: 990, pktRcvLoss: 10 },
    ...{ pktRcvRetrans: 10, pktRcvDrop: 3, pktRcvBelated: 0, pktRcvUndecrypt: 0, msRTT: 1.25, mbpsRecvRate: 4.5 },
    ...{ packets: 100, keyFrames: 4, continuityErrors: 0, discardedBytes: 0, codec: "h264", widthPx: 1280 },
    ...{ pktRecvUnique: 990, pktSentNAK: 2, pktReorderDistance: 0, msRcvTsbPdDelay: 120, sub: null },
    ...{ heightPx: 720, fps: 25.04, keyFrameIntervalMs: 1000, lastPacketAgeMs: 20, ringBytes: 2 ** 24 },
    ringHoldsS: 29.8,
  };
  return IngestStatus.shape.cameras.element.parse(link);
}

/** An event as inference writes it. */
export function detectionEvent(id: string, camera: string, change: Partial<DetectionEvent> = {}): DetectionEvent {
  return {
    ...{ id, camera: camera as DetectionEvent["camera"], trackId: `track-${id}`, label: "motion" },
    ...{ startWallUs: 1_767_225_600_000_000, endWallUs: null, score01: 0.8, topScore01: 0.9 },
    ...{ box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 }, zones: [], model: "motion" },
    ...change,
  };
}

/** A record around an event. */
export function eventRecord(phase: EventPhase, event: DetectionEvent): ResultRecord & { type: "event" } {
  const record = ResultRecord.parse({
    ...{ type: "event", phase, camera: event.camera, event, arrivalToEventMs: 12.34 },
    frame: { sequence: 7, captureWallUs: 1_767_225_601_000_000, pts90k: 90_000, widthPx: 1280, heightPx: 720 },
  });
  return record as ResultRecord & { type: "event" };
}

/** A home with a registry and an ingest; rings on demand. */
export class SmallHouse {
  readonly home: TemporaryHome = makeTemporaryHome();
  readonly links = new Map<string, CameraLink>();
  readonly #rings = new Map<string, ByteRingWriter>();
  #ingest: Server | undefined;

  /** Starts ingest's socket, and makes an empty registry. */
  async open(): Promise<void> {
    openRegistryWriter(this.home.registryDir).close();
    const server = createServer((_request, response) => {
      const body = {
        service: "ingest",
        srtPort: 9000,
        srtPorts: [],
        cameras: [...this.links.values()],
        rejectedCallers: 0,
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(socketPathOf(this.home.runDir, "ingest"), resolve));
    this.#ingest = server;
  }

  /** Registers a camera, with a good link and a results ring. */
  addCamera(id: string, name = id): void {
    this.#registry(
      "insert into camera (id, name, source_kind, stream_id, enabled, created_wall_us) values (?, ?, 'srt-listener', ?, 1, 1767225600000000)",
      ...[id, name, `#${id}`],
    );
    this.links.set(id, goodLink(id));
    this.makeRing(id);
  }

  renameCamera(id: string, name: string): void {
    this.#registry("update camera set name = ? where id = ?", name, id);
  }

  removeCamera(id: string): void {
    this.#registry("delete from camera where id = ?", id);
    this.links.delete(id);
  }

  /** Makes the results ring of a camera (anew). */
  makeRing(id: string): void {
    this.#rings.get(id)?.close();
    const name = ringName(this.home.ringPrefix, id, "results");
    this.#rings.set(id, ByteRingWriter.create({ name, capacityBytes: 1024 * 1024 }));
  }

  /** Writes an event's phase into the camera's results ring, as inference does. */
  writeEvent(phase: EventPhase, event: DetectionEvent): void {
    this.#append(event.camera, RECORD_TYPES.result, Buffer.from(JSON.stringify(eventRecord(phase, event))));
  }

  /** Writes a snapshot into the camera's results ring. */
  writeSnapshot(camera: string, label: string, jpeg: Buffer): void {
    const header = { camera, eventId: "e", label, captureWallUs: 1, box: { x: 0, y: 0, width: 1, height: 1 } };
    const sized = { ...header, widthPx: 1280, heightPx: 720 } as Parameters<typeof encodeSnapshot>[0];
    this.#append(camera, RECORD_TYPES.snapshot, encodeSnapshot(sized, jpeg));
  }

  /** Starts the service. settings: `section.key=value`. */
  async startAutomation(...settings: string[]): Promise<ServiceProcess> {
    return await startService("automation", this.home, { arguments: settings.flatMap((each) => ["--set", each]) });
  }

  /** Takes everything away. */
  async close(): Promise<void> {
    for (const ring of this.#rings.values()) {
      ring.close();
    }
    this.#ingest?.closeAllConnections();
    this.#ingest?.close();
    this.home.remove();
  }

  #registry(sql: string, ...values: string[]): void {
    const database = openRegistryWriter(this.home.registryDir);
    database.prepare(sql).run(...values);
    database.close();
  }

  #append(camera: string, type: 4 | 5, payload: Buffer): void {
    const now = systemClock.monoNs();
    this.#rings.get(camera)?.append(
      {
        ...{
          captureMonoNs: now,
          captureWallUs: BigInt(systemClock.wallUs()),
          arrivalMonoNs: now,
          duration90k: 0,
          type,
        },
        ...{ pts90k: undefined, dts90k: undefined, key: true, discontinuity: false, streamIndex: 0 },
      },
      payload,
    );
  }
}
