/**
 * One viewer of one camera: reads the packet ring, turns packets into messages, and drops up to the next key frame when the
 * viewer cannot follow. The ring's writer never notices. Tested: test/live-session.test.ts and test/live.test.ts.
 */
import { type Clock, isAborted, LanthornError, toLanthornError } from "@lanthorn/base";
import { type LiveMessage, LiveRequest, type PacketRingDescription } from "@lanthorn/contract";
import { RECORD_TYPES, type RecordMeta } from "@lanthorn/rings";
import { webErrors } from "../error-codes.ts";
import type { LiveFormat, Outgoing } from "./live-format.ts";
import { videoOf } from "./live-format.ts";
import { MseFormat } from "./mse-format.ts";
import { type PacketSink, readPackets } from "./packet-source.ts";
import { WebCodecsFormat } from "./webcodecs-format.ts";

/** The part of a WebSocket that is used here. */
export interface LiveSocket {
  readonly bufferedAmount: number;
  send(data: string | Buffer): void;
  close(code: number, reason: string): void;
}

/** Counts of a viewer. */
export interface LiveCounts {
  framesSent: number;
  framesDropped: number;
}

/** What a session needs. */
export interface LiveSessionOptions {
  readonly socket: LiveSocket;
  readonly camera: string;
  readonly ring: string;
  readonly clock: Clock;
  readonly highWaterBytes: number;
  readonly counts: LiveCounts;
}

const CLOSE_UNSUPPORTED = 1003; // RFC 6455 §7.4.1: cannot accept this type of data
const CLOSE_INTERNAL = 1011;

/** Reads a viewer's first message. Throws: WEB_LIVE_MESSAGE_INVALID. */
export function parseLiveRequest(text: string): LiveRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const result = LiveRequest.safeParse(value);
  if (!result.success) {
    throw webErrors.make("WEB_LIVE_MESSAGE_INVALID", { received: JSON.stringify(text.slice(0, 80)) });
  }
  return result.data;
}

/** Tells the viewer an error and closes. */
export function refuse(socket: LiveSocket, error: LanthornError): void {
  const { kind, code, message } = error;
  socket.send(JSON.stringify({ type: "error", error: { kind, code, message } } satisfies LiveMessage));
  socket.close(kind === "internal" ? CLOSE_INTERNAL : CLOSE_UNSUPPORTED, code);
}

/** Serves one viewer. */
export class LiveSession implements PacketSink {
  readonly #options: LiveSessionOptions;
  readonly #format: LiveFormat;
  readonly #offered: string;
  readonly #ended = new AbortController();
  #playable = false;
  #videoIndex = -1;
  /** Dropping until a key frame comes and the viewer has caught up. */
  #dropping = true;
  #fresh = true;

  constructor(options: LiveSessionOptions, request: LiveRequest) {
    this.#options = options;
    this.#offered = request.value;
    this.#format = request.type === "mse" ? new MseFormat(request.value) : new WebCodecsFormat(request.value);
  }

  /** Runs until the viewer leaves or the signal is aborted; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { ring, clock, socket } = this.#options;
    try {
      await readPackets({ ring, clock }, this, AbortSignal.any([signal, this.#ended.signal]));
    } catch (error) {
      if (!isAborted(error)) {
        refuse(socket, toLanthornError(error));
      }
    } finally {
      this.#format.close();
    }
  }

  onAbsent(): void {
    this.#send({ type: "waiting", reason: "no-stream" });
  }

  onDescription(description: PacketRingDescription): void {
    const answer = this.#format.describe(description);
    this.#playable = answer.ok;
    this.#videoIndex = videoOf(description)?.index ?? -1;
    this.#dropping = true;
    if (!answer.ok) {
      const { camera, socket } = this.#options;
      refuse(
        socket,
        webErrors.make("WEB_CODEC_UNSUPPORTED", { camera, codec: answer.codec, offered: this.#offered || "nothing" }),
      );
      this.#ended.abort();
    }
  }

  onPacket(meta: RecordMeta, payload: Buffer, lost: boolean): void {
    if (!this.#playable || (meta.type !== RECORD_TYPES.packet && meta.type !== RECORD_TYPES.pcm)) {
      return;
    }
    const isVideo = meta.streamIndex === this.#videoIndex;
    const { socket, highWaterBytes, counts } = this.#options;
    if (lost || meta.discontinuity || socket.bufferedAmount > highWaterBytes) {
      this.#dropping = true;
    }
    if (this.#dropping) {
      const caughtUp = isVideo && meta.key && socket.bufferedAmount <= highWaterBytes / 4;
      if (!caughtUp) {
        counts.framesDropped += isVideo ? 1 : 0;
        return;
      }
      this.#dropping = false;
      this.#fresh = true;
    }
    let messages: readonly Outgoing[];
    try {
      messages = this.#format.packet(meta, payload, this.#fresh);
    } catch (error) {
      if (!(error instanceof LanthornError)) {
        throw error;
      }
      // a broken access unit or a jump of time: the next key frame begins anew
      this.#format.reset();
      this.#dropping = true;
      counts.framesDropped++;
      return;
    }
    for (const message of messages) {
      this.#send(message);
    }
    if (isVideo) {
      counts.framesSent++;
      this.#fresh = false;
    }
  }

  #send(message: Outgoing): void {
    this.#options.socket.send(Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }
}
