/**
 * Stands in for services/archive on its socket where a test needs recordings but not a disk: keeps the packets and results of a
 * camera in memory and answers as docs/ref/http.md#archive says.
 */
import { rmSync } from "node:fs";
import { installErrorHandler, socketPathOf, systemClock } from "@lanthorn/base";
import {
  CameraId,
  type DetectionEvent,
  decodeResult,
  decodeSnapshot,
  type EventList,
  PacketRingDescription,
  PREVIEW_PICTURES_TYPE,
  ringName,
  type Timeline,
} from "@lanthorn/contract";
import { Fmp4Muxer } from "@lanthorn/media";
import { followByteRing, RECORD_TYPES, type RecordMeta } from "@lanthorn/rings";
import fastify, { type FastifyInstance } from "fastify";

interface Packet {
  readonly meta: RecordMeta;
  readonly payload: Buffer;
}

interface Kept {
  description: PacketRingDescription | undefined;
  packets: Packet[];
}

const MOST_PACKETS = 40_000;

/** See above. Owner: stop(). */
export class StandInArchive {
  readonly events = new Map<string, DetectionEvent>();
  readonly #pictures = new Map<string, Buffer>();
  readonly #kept = new Map<string, Kept>();
  readonly #stopping = new AbortController();
  readonly #app: FastifyInstance = fastify({ forceCloseConnections: true });
  readonly #socket: string;

  constructor(runDir: string) {
    this.#socket = socketPathOf(runDir, "archive");
  }

  /** Starts answering and recording. */
  async start(prefix: string, cameras: readonly string[]): Promise<void> {
    for (const camera of cameras) {
      this.#record(prefix, camera);
    }
    this.#routes();
    installErrorHandler(this.#app);
    rmSync(this.#socket, { force: true });
    await this.#app.listen({ path: this.#socket });
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#app.close();
  }

  #record(prefix: string, camera: string): void {
    const kept: Kept = { description: undefined, packets: [] };
    this.#kept.set(camera, kept);
    const common = { clock: systemClock, signal: this.#stopping.signal };
    void followByteRing({
      ...common,
      name: ringName(prefix, camera, "packets"),
      from: "newest-key",
      onRecord: ({ meta, payload }, reader) => {
        kept.description ??= PacketRingDescription.parse(reader.description().value);
        if (kept.packets.push({ meta, payload }) > MOST_PACKETS) {
          kept.packets.splice(0, MOST_PACKETS / 10);
        }
      },
    });
    void followByteRing({
      ...common,
      name: ringName(prefix, camera, "results"),
      from: "oldest",
      onRecord: ({ meta, payload }) => this.#takeResult(meta.type, payload),
    });
  }

  #takeResult(type: number, payload: Buffer): void {
    const record = type === RECORD_TYPES.result ? decodeResult(payload) : undefined;
    if (record?.type === "event") {
      this.events.set(record.event.id, record.event);
    }
    const snapshot = type === RECORD_TYPES.snapshot ? decodeSnapshot(payload) : undefined;
    if (snapshot !== undefined) {
      this.#pictures.set(snapshot.header.eventId, Buffer.from(snapshot.jpeg));
    }
  }

  #routes(): void {
    type Camera = { Params: { id: string }; Querystring: { fromUs: string; toUs: string } };
    this.#app.get("/health", () => ({ service: "archive", healthy: true, faults: [] }));
    this.#app.get("/status", () => ({
      service: "archive",
      cameras: [...this.#kept].map(([id, { packets }]) => ({
        id,
        state: "recording",
        recordedS: spanS(packets),
        gapS: 0,
        segments: 1,
        bytes: packets.reduce((sum, { payload }) => sum + payload.length, 0),
      })),
    }));
    this.#app.get<Camera>("/cameras/:id/timeline", ({ params, query }) => {
      const packets = this.#kept.get(params.id)?.packets ?? [];
      const [first, last] = [packets[0], packets.at(-1)];
      const segments = first && last ? [{ startWallUs: wall(first), endWallUs: wall(last) }] : [];
      const [fromUs, toUs] = [Number(query.fromUs), Number(query.toUs)];
      const events = this.#find(params.id, fromUs, toUs);
      const asked = { camera: CameraId.parse(params.id), stream: "main", fromUs, toUs } as const;
      return { ...asked, segments, unavailable: [], gaps: [], events, eventsTruncated: false } satisfies Timeline;
    });
    this.#app.get<Camera>("/cameras/:id/recording.mp4", ({ params, query }, reply) => {
      const clip = cut(this.#kept.get(params.id), Number(query.fromUs), Number(query.toUs));
      if (clip === undefined) {
        return reply
          .status(404)
          .send({ error: { kind: "not-found", code: "ARCHIVE_NOTHING_RECORDED", message: "Nothing" } });
      }
      return reply.type("video/mp4").header("x-start-wall-us", clip.startWallUs).send(clip.bytes);
    });
    // Nobody makes previews here; those of the real services are in ui/test/scrub.slow.test.ts.
    this.#app.get("/cameras/:id/previews.jpegs", (_request, reply) => reply.type(PREVIEW_PICTURES_TYPE).send(""));
    this.#app.get<{ Querystring: Record<string, string> }>("/events", ({ query }) => {
      const found = this.#find(query.camera, Number(query.fromUs ?? 0), Number(query.toUs ?? Number.MAX_SAFE_INTEGER));
      const labelled = found.filter((event) => query.label === undefined || event.label === query.label);
      const start = query.before === undefined ? 0 : labelled.findIndex(({ id }) => id === query.before) + 1;
      const events = labelled.slice(start, start + Number(query.limit ?? 100));
      const next = start + events.length < labelled.length ? (events.at(-1)?.id ?? null) : null;
      return { events, next } satisfies EventList;
    });
    this.#app.get<{ Params: { id: string } }>("/events/:id/thumbnail", ({ params }, reply) => {
      const jpeg = this.#pictures.get(params.id);
      if (jpeg !== undefined) {
        return reply.type("image/jpeg").send(jpeg);
      }
      return reply.status(this.events.has(params.id) ? 204 : 404).send();
    });
  }

  #find(camera: string | undefined, fromUs: number, toUs: number): DetectionEvent[] {
    return [...this.events.values()]
      .filter((event) => camera === undefined || event.camera === camera)
      .filter((event) => event.startWallUs <= toUs && (event.endWallUs ?? Number.MAX_SAFE_INTEGER) >= fromUs)
      .sort((a, b) => b.startWallUs - a.startWallUs);
  }
}

function wall(packet: Packet): number {
  return Number(packet.meta.captureWallUs);
}

function spanS(packets: readonly Packet[]): number {
  const [first, last] = [packets[0], packets.at(-1)];
  return first && last ? (wall(last) - wall(first)) / 1e6 : 0;
}

/** Muxes from the key frame at or before fromUs to toUs. */
function cut(kept: Kept | undefined, fromUs: number, toUs: number): { startWallUs: number; bytes: Buffer } | undefined {
  const video = kept?.description?.streams.find(({ type }) => type === "video");
  if (kept === undefined || video === undefined) {
    return undefined;
  }
  const isKey = ({ meta }: Packet) => meta.key && meta.streamIndex === video.index;
  const before = kept.packets.findLastIndex((packet) => isKey(packet) && wall(packet) <= fromUs);
  const from = before === -1 ? kept.packets.findIndex(isKey) : before;
  const chosen = kept.packets
    .slice(from)
    .filter((packet) => packet.meta.streamIndex === video.index && wall(packet) < toUs);
  const first = chosen[0];
  if (from === -1 || first?.meta.dts90k === undefined) {
    return undefined;
  }
  const muxer = new Fmp4Muxer({ streams: [video] });
  const parts = [muxer.initSegment()];
  const start90k = first.meta.dts90k;
  let last90k = -1n;
  for (const { meta, payload } of chosen) {
    const dts90k = (meta.dts90k ?? 0n) - start90k;
    if (dts90k <= last90k) {
      break; // the looped file began anew
    }
    last90k = dts90k;
    const pts90k = (meta.pts90k ?? 0n) - start90k;
    const duration90k = meta.duration90k || 6000;
    parts.push(
      muxer.fragment([{ streamIndex: meta.streamIndex, pts90k, dts90k, duration90k, key: meta.key, payload }]),
    );
  }
  return { startWallUs: wall(first), bytes: Buffer.concat(parts) };
}
