/** The WebSocket routes: live pictures and events as they happen. */
import { Counter, Gauge, type ServiceContext, toLanthornError, type WebSocketRoute } from "@lanthorn/base";
import { CameraId, LiveMessage, LiveRequest, ringName, StreamMessage } from "@lanthorn/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { WebConfig } from "../config.ts";
import { webErrors } from "../error-codes.ts";
import { serveEventStream } from "../events/event-stream.ts";
import type { CameraSet, ResultsHub } from "../events/results-hub.ts";
import { type LiveCounts, LiveSession, parseLiveRequest, refuse } from "../live/live-session.ts";
import { validate } from "./register-routes.ts";
import { requireShown } from "./routes.ts";
import { Empty } from "./schemas.ts";

const LiveParams = z.object({ camera: CameraId.describe("Camera id") });
const StreamQuery = z.strictObject({
  camera: CameraId.optional().describe("Only this camera"),
  frames: z.stringbool().default(true).describe("Whether to send what is in every frame, for overlays, beside events"),
});

/** How the WebSocket routes are described. */
export const SOCKET_ROUTES: readonly WebSocketRoute[] = [
  {
    path: "/api/live/:camera",
    operationId: "watchLive",
    summary: "Live pictures: send a LiveRequest, get LiveMessages and media (docs/design/web.md)",
    params: LiveParams,
    query: Empty,
    messages: { fromClient: LiveRequest, fromServer: LiveMessage },
  },
  {
    path: "/api/events/stream",
    operationId: "watchEvents",
    summary: "Results as they happen, one JSON message each",
    params: Empty,
    query: StreamQuery,
    messages: { fromServer: StreamMessage },
  },
];

/** What the sockets read from. */
export interface SocketSources {
  readonly directory: CameraSet;
  readonly hub: ResultsHub;
}

const CLOSE_GOING_AWAY = 1001;

/** Serves the WebSocket routes and counts their viewers. */
export class SocketRoutes {
  readonly #context: ServiceContext<WebConfig>;
  readonly #sources: SocketSources;
  readonly #open = new Set<WebSocket>();
  readonly #live: LiveCounts = { framesSent: 0, framesDropped: 0 };
  #liveViewers = 0;
  #eventViewers = 0;

  constructor(context: ServiceContext<WebConfig>, sources: SocketSources) {
    this.#context = context;
    this.#sources = sources;
  }

  /** Numbers for /status. */
  counts(): Record<string, number> {
    return { liveViewers: this.#liveViewers, eventViewers: this.#eventViewers, ...this.#live };
  }

  /** Adds the routes; aborting the signal ends all live sessions. */
  register(app: FastifyInstance, signal: AbortSignal): void {
    this.#registerMetrics();
    app.get(
      "/api/live/:camera",
      { websocket: true, preValidation: (request) => this.#admit(request) },
      (socket, request) => this.#serveLive(socket, (request.params as { camera: string }).camera, signal),
    );
    app.get(
      "/api/events/stream",
      { websocket: true, preValidation: async (request) => void validate(StreamQuery, request.query, "query") },
      (socket, request) => this.#serveEvents(socket, validate(StreamQuery, request.query, "query")),
    );
  }

  /** Tells every viewer that the box is going away. */
  closeAll(): void {
    for (const socket of this.#open) {
      socket.close(CLOSE_GOING_AWAY, "stopping");
    }
  }

  async #admit(request: FastifyRequest): Promise<void> {
    const { camera } = validate(LiveParams, request.params, "path");
    requireShown(this.#sources.directory, camera, this.#context.clock.wallUs());
    const count = this.#liveViewers;
    if (count >= this.#context.config.live.maxSessions) {
      throw webErrors.make("WEB_TOO_MANY_VIEWERS", { count });
    }
  }

  #serveLive(socket: WebSocket, camera: string, signal: AbortSignal): void {
    const { clock, config, paths } = this.#context;
    const left = new AbortController();
    this.#liveViewers++;
    this.#track(socket, () => {
      this.#liveViewers--;
      left.abort();
    });
    socket.once("message", (data) => {
      try {
        const request = parseLiveRequest(String(data));
        const session = new LiveSession(
          {
            socket,
            camera,
            ring: ringName(paths.ringPrefix, camera, "packets"),
            clock,
            highWaterBytes: config.live.highWaterBytes,
            counts: this.#live,
          },
          request,
        );
        void session.run(AbortSignal.any([signal, left.signal]));
      } catch (error) {
        refuse(socket, toLanthornError(error));
      }
    });
  }

  #serveEvents(socket: WebSocket, query: z.output<typeof StreamQuery>): void {
    this.#eventViewers++;
    this.#track(socket, () => this.#eventViewers--);
    serveEventStream(socket, { hub: this.#sources.hub, clock: this.#context.clock, ...query });
  }

  #track(socket: WebSocket, onLeave: () => void): void {
    this.#open.add(socket);
    socket.on("error", () => socket.terminate()); // a reset connection: close follows
    socket.once("close", () => {
      this.#open.delete(socket);
      onLeave();
    });
  }

  #registerMetrics(): void {
    const registers = [this.#context.metrics];
    const read = { live: () => this.#liveViewers, events: () => this.#eventViewers, counts: () => this.#live };
    new Gauge({
      name: "lanthorn_web_viewers",
      help: "Open WebSockets by kind",
      labelNames: ["kind"],
      registers,
      collect() {
        this.set({ kind: "live" }, read.live());
        this.set({ kind: "events" }, read.events());
      },
    });
    new Counter({
      name: "lanthorn_web_live_frames_total",
      help: "Live frames by what became of them",
      labelNames: ["outcome"],
      registers,
      collect() {
        this.reset();
        this.inc({ outcome: "sent" }, read.counts().framesSent);
        this.inc({ outcome: "dropped" }, read.counts().framesDropped);
      },
    });
  }
}
