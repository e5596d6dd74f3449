/** Live pictures decoded by WebCodecs and drawn on a canvas: each as soon as it is decoded, of a backlog only the newest. */
import type { LiveMessage } from "@lanthorn/contract";
import type { PictureEvents, Pictures } from "./live-player.ts";

const HEADER_BYTES = 16; // docs/design/web.md
const FLAG_KEY = 1;
const FLAG_DISCONTINUITY = 2;
/** Waiting for decoding above this: too slow a machine; go on with the next key frame. */
const QUEUE_LIMIT = 60;

/** See live-player.ts. */
export class WebCodecsPictures implements Pictures {
  readonly element = document.createElement("canvas");
  readonly offer = "avc1.640033,hvc1.1.6.L153.B0";
  readonly #events: PictureEvents;
  readonly #context: CanvasRenderingContext2D | null;
  #decoder: VideoDecoder | undefined;
  #config: VideoDecoderConfig | undefined;
  #needsKey = true;
  #newest: VideoFrame | undefined;
  #drawRequest = 0;
  #closed = false;
  /** Presentation times by the microseconds given to the decoder. */
  readonly #pts90k = new Map<number, number>();

  constructor(events: PictureEvents) {
    this.#events = events;
    this.#context = this.element.getContext("2d", { alpha: false, desynchronized: true });
  }

  take(message: LiveMessage): void {
    if (message.type !== "webcodecs") {
      return;
    }
    this.#config = {
      codec: message.value,
      codedWidth: message.widthPx,
      codedHeight: message.heightPx,
      optimizeForLatency: true,
    };
    this.#configure();
  }

  takeBinary(bytes: ArrayBuffer): void {
    const view = new DataView(bytes);
    const flags = view.getUint8(1);
    const key = (flags & FLAG_KEY) !== 0;
    const pts90k = view.getUint16(2, true) + view.getUint32(4, true) * 65536;
    if (this.#decoder === undefined || this.#decoder.state !== "configured") {
      return;
    }
    if ((flags & FLAG_DISCONTINUITY) !== 0 || this.#decoder.decodeQueueSize > QUEUE_LIMIT) {
      this.#needsKey = true;
    }
    if (this.#needsKey && !key) {
      return;
    }
    this.#needsKey = false;
    const timestamp = Math.round((pts90k * 100) / 9); // 1/90000 s → µs
    this.#pts90k.set(timestamp, pts90k);
    this.#decoder.decode(
      new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, data: new Uint8Array(bytes, HEADER_BYTES) }),
    );
  }

  reset(): void {
    this.#needsKey = true;
    this.#pts90k.clear();
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#drawRequest);
    this.#newest?.close();
    this.#newest = undefined;
    if (this.#decoder !== undefined && this.#decoder.state !== "closed") {
      this.#decoder.close();
    }
  }

  #configure(): void {
    const config = this.#config;
    if (config === undefined) {
      return;
    }
    if (this.#decoder !== undefined && this.#decoder.state !== "closed") {
      this.#decoder.close();
    }
    const decoder = new VideoDecoder({
      output: (frame) => this.#show(frame),
      error: (error) => this.#recover(decoder, error),
    });
    this.#decoder = decoder;
    this.#needsKey = true;
    try {
      decoder.configure(config);
    } catch (error) {
      this.#events.onUnplayable(String(error));
    }
  }

  /** A broken picture is no reason to give up; a codec that this browser lacks is. */
  #recover(decoder: VideoDecoder, error: DOMException): void {
    if (this.#closed || this.#decoder !== decoder) {
      return;
    }
    if (error.name === "NotSupportedError") {
      this.#events.onUnplayable(error.message);
    } else {
      this.#configure();
    }
  }

  #show(frame: VideoFrame): void {
    if (this.#closed) {
      frame.close();
      return;
    }
    this.#newest?.close(); // a newer one is here before it was drawn
    this.#newest = frame;
    if (this.#drawRequest === 0) {
      this.#drawRequest = requestAnimationFrame(() => this.#draw());
    }
  }

  #draw(): void {
    this.#drawRequest = 0;
    const frame = this.#newest;
    this.#newest = undefined;
    if (frame === undefined) {
      return;
    }
    const { displayWidth, displayHeight, timestamp } = frame;
    if (this.element.width !== displayWidth || this.element.height !== displayHeight) {
      this.element.width = displayWidth;
      this.element.height = displayHeight;
    }
    this.#context?.drawImage(frame, 0, 0);
    frame.close();
    const pts90k = this.#pts90k.get(timestamp) ?? Math.round((timestamp * 9) / 100);
    for (const known of this.#pts90k.keys()) {
      if (known > timestamp) {
        break;
      }
      this.#pts90k.delete(known);
    }
    this.#events.onPicture(pts90k);
  }
}
