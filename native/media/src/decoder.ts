/** Packet ring in, frame ring out, on a native thread. Rules: docs/design/media.md#decoding. Tested: test/decoder.test.ts. */
import { addon, type Handle } from "./addon.ts";
import { invalid, requireText, requireWhole, translated } from "./native-error.ts";
import { OpenHandle } from "./open-handle.ts";

/** What is decoded, least first; the position is the native value. */
export const DEMANDS = ["none", "key", "all"] as const;

/** One of DEMANDS. */
export type Demand = (typeof DEMANDS)[number];

/** States of a decoder: no packet ring, no key frame yet, at work, told to rest, closed. */
export const DECODER_STATES = ["waiting", "starting", "decoding", "paused", "closed"] as const;

/** One of DECODER_STATES. */
export type DecoderState = (typeof DECODER_STATES)[number];

/**
 * Counters since the decoder was opened. framesSkipped: not decoded or not published by demand or rate; framesBusy: not published because
 * every slot was leased; recordsLost: overwritten in the packet ring before they were read; readers: of the frame ring, now.
 * turns: of the thread's loop, several a second whatever it does; they stand still only if it hangs.
 * Units: fps over the last 50 published frames; lastPublishMonoNs CLOCK_MONOTONIC nanoseconds, 0n before the first.
 */
export type DecoderStatistics = {
  state: DecoderState;
  codec: string;
  pixelFormat: string;
  widthPx: number;
  heightPx: number;
  fps: number;
  slots: number;
  readers: number;
  packets: number;
  framesDecoded: number;
  framesPublished: number;
  framesSkipped: number;
  framesBusy: number;
  recordsLost: number;
  errors: number;
  lastError: string;
  attachments: number;
  turns: number;
  lastPublishMonoNs: bigint;
};

/** How a Decoder is made. threads: slice threads of libavcodec, 1 to 16, default 1. */
export type DecoderOptions = { packetRing: string; frameRing: string; threads?: number };

/**
 * Decodes the video of a packet ring straight into the slots of a frame ring, without copying. It attaches to the packet ring by itself, again
 * whenever that ring is replaced; the frame ring appears with the first key frame and anew at every change of size.
 * Owner: close() joins the thread (at most one frame's decoding) and closes the frame ring.
 */
export class Decoder {
  readonly #handle: OpenHandle<Handle<"decoder">>;

  private constructor(handle: Handle<"decoder">) {
    this.#handle = new OpenHandle("Decoder", handle, addon().decoderClose);
  }

  /** Starts the thread, with demand "all". Throws: MEDIA_INVALID_ARGUMENT, MEDIA_SYSTEM. */
  static open(options: DecoderOptions): Decoder {
    const { packetRing, frameRing, threads = 1 } = options;
    requireText("packetRing", packetRing);
    requireText("frameRing", frameRing);
    requireWhole("threads", threads, 1, 16);
    return new Decoder(translated(() => addon().decoderOpen(packetRing, frameRing, threads)));
  }

  /**
   * Says what is wanted; maxFps limits published frames a second (0: all), skipping the decoding of those that no other frame needs.
   * Throws: MEDIA_INVALID_ARGUMENT, MEDIA_CLOSED.
   */
  setDemand(demand: Demand, maxFps = 0): void {
    const native = DEMANDS.indexOf(demand);
    if (native < 0) {
      invalid("demand", `one of ${DEMANDS.join(", ")}`, demand);
    }
    if (!Number.isFinite(maxFps) || maxFps < 0) {
      invalid("maxFps", "a number of 0 or more", maxFps);
    }
    translated(() => addon().decoderSetDemand(this.#handle.get(), native, maxFps));
  }

  /** Counters since it was opened. Throws: MEDIA_CLOSED. */
  statistics(): DecoderStatistics {
    return addon().decoderStatistics(this.#handle.get());
  }

  /** Joins the thread and closes the frame ring; may be called twice. */
  close(): void {
    this.#handle.close();
  }
}
