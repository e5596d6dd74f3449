/** One viewer of /api/events/stream: results as they happen, JSON a message. */
import type { Clock } from "@lanthorn/base";
import type { StreamMessage } from "@lanthorn/contract";
import type { ResultsHub } from "./results-hub.ts";

/** The part of a WebSocket that is used here. */
export interface EventSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  on(event: "close", callback: () => void): unknown;
}

/** What a stream needs, and which messages its viewer wants. */
export interface EventStreamOptions {
  readonly hub: ResultsHub;
  readonly clock: Clock;
  readonly camera?: string | undefined;
  readonly frames: boolean;
}

const BEAT_MS = 2000;
const FRAMES_HIGH_WATER_BYTES = 256 * 1024; // about 1 s of 30 cameras at 30 fps and 300 B
const CLOSE_HIGH_WATER_BYTES = 4 * 1024 * 1024;
const CLOSE_TRY_AGAIN = 1013; // RFC 6455 registry: Try Again Later

/** Serves a viewer until it leaves. Too slow a viewer first loses frame records, then the connection: events are never skipped silently. */
export function serveEventStream(socket: EventSocket, options: EventStreamOptions): void {
  const { hub, clock } = options;
  const send = (message: StreamMessage) => {
    if (socket.bufferedAmount > CLOSE_HIGH_WATER_BYTES) {
      socket.close(CLOSE_TRY_AGAIN, "too slow a reader");
      return;
    }
    socket.send(JSON.stringify(message));
  };
  const wants = (message: StreamMessage): boolean => {
    if (options.camera !== undefined && "camera" in message && message.camera !== options.camera) {
      return false;
    }
    return message.type !== "frame" || (options.frames && socket.bufferedAmount < FRAMES_HIGH_WATER_BYTES);
  };
  const active = hub.activeEvents().filter((event) => options.camera === undefined || event.camera === options.camera);
  send({ type: "hello", serverWallUs: clock.wallUs(), active });
  const stopListening = hub.listen((message) => {
    if (wants(message)) {
      send(message);
    }
  });
  const stopBeating = clock.every(BEAT_MS, () => send({ type: "beat", serverWallUs: clock.wallUs() }));
  socket.on("close", () => {
    stopListening();
    stopBeating();
  });
}
