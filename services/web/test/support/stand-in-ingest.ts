/** Stands in for services/ingest on its socket: tells of links what a test wants told. */
import { rmSync } from "node:fs";
import { socketPathOf } from "@lanthorn/base";
import type { CameraId, CameraLink, Rejection } from "@lanthorn/contract";
import fastify, { type FastifyInstance } from "fastify";

/** A link without faults. */
export function linkOf(id: string, change: Partial<CameraLink> = {}): CameraLink {
  return {
    id: id as CameraId,
    state: "connected",
    encrypted: true,
    keyLengthBits: 256,
    light: "green",
    peer: "127.0.0.1:40000",
    connectedSinceWallUs: 1,
    lastDisconnectCause: null,
    reconnects: 0,
    pktRecv: 120_000,
    pktRecvUnique: 120_000,
    pktRcvLoss: 3,
    pktRcvRetrans: 3,
    pktRcvDrop: 0,
    pktRcvBelated: 0,
    pktRcvUndecrypt: 0,
    pktSentNAK: 2,
    pktReorderDistance: 0,
    msRcvTsbPdDelay: 120,
    msRTT: 0.4,
    mbpsRecvRate: 2.31,
    packets: 40_000,
    keyFrames: 800,
    continuityErrors: 0,
    discardedBytes: 0,
    codec: "h264",
    widthPx: 1280,
    heightPx: 720,
    fps: 15,
    keyFrameIntervalMs: 1000,
    lastPacketAgeMs: 20,
    ringBytes: 2 ** 24,
    ringHoldsS: 58.1,
    sub: null,
    ...change,
  };
}

/** See above. Owner: stop(). */
export class StandInIngest {
  readonly links: CameraLink[] = [];
  rejectedCallers = 0;
  readonly rejections: Rejection[] = [];
  readonly #app: FastifyInstance = fastify({ forceCloseConnections: true });
  readonly #socket: string;

  constructor(runDir: string) {
    this.#socket = socketPathOf(runDir, "ingest");
  }

  /** Starts answering. */
  async start(): Promise<void> {
    this.#app.get("/health", () => ({ service: "ingest", healthy: true, faults: [] }));
    this.#app.get("/status", () => ({
      service: "ingest",
      srtPort: 9710,
      srtPorts: [],
      cameras: this.links,
      rejectedCallers: this.rejectedCallers,
    }));
    this.#app.get("/rejections", () => this.rejections);
    rmSync(this.#socket, { force: true });
    await this.#app.listen({ path: this.#socket });
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#app.close();
  }
}
