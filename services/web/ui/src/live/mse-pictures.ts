/**
 * Live pictures by MediaSource, held to the live edge: more than 0.25 s behind jumps, more than 0.08 s plays 1.1 times as fast.
 * Source of the rule: docs/design/web.md#live-edge (measured: 32–41 ms typical, 46–55 ms for 95 of 100).
 */
import type { LiveMessage } from "@lanthorn/contract";
import type { PictureEvents, Pictures } from "./live-player.ts";

const JUMP_S = 0.25;
const HURRY_S = 0.08;
const HURRY_RATE = 1.1;
const KEEP_S = 8;
const EDGE_EVERY_MS = 50;
/** Segments waiting for the browser to take them; full: everything is dropped and the stream begins anew. */
const QUEUE_LIMIT = 600;

type MediaSourceClass = typeof MediaSource;

/** See live-player.ts. */
export class MsePictures implements Pictures {
  readonly element = document.createElement("video");
  readonly offer: string;
  readonly #events: PictureEvents;
  readonly #timer: ReturnType<typeof setInterval>;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #url: string | undefined;
  #queue: ArrayBuffer[] = [];
  #startPts90k = 0;
  #closed = false;

  constructor(events: PictureEvents) {
    this.#events = events;
    const Source = mediaSourceClass();
    this.offer = OFFERED.filter((codec) => Source?.isTypeSupported(`video/mp4; codecs="${codec}"`)).join(",");
    this.element.muted = true;
    this.element.playsInline = true;
    this.element.disableRemotePlayback = true; // ManagedMediaSource demands it
    this.element.disablePictureInPicture = false;
    this.#timer = setInterval(() => this.#holdEdge(), EDGE_EVERY_MS);
    this.#watchPictures();
  }

  take(message: LiveMessage): void {
    if (message.type !== "mse") {
      return;
    }
    const Source = mediaSourceClass();
    if (Source === undefined || !Source.isTypeSupported(message.value)) {
      this.#events.onUnplayable(`no MediaSource for ${message.value}`);
      return;
    }
    this.#startPts90k = message.startPts90k;
    this.#queue = [];
    this.#buffer = undefined;
    this.#attach(new Source(), message.value);
  }

  takeBinary(bytes: ArrayBuffer): void {
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.#events.onUnplayable("the browser takes no more data");
      return;
    }
    this.#queue.push(bytes);
    this.#append();
  }

  reset(): void {
    this.#queue = [];
  }

  setSound(on: boolean): void {
    this.element.muted = !on;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    this.#revoke();
  }

  #attach(source: MediaSource, type: string): void {
    this.#revoke();
    this.#source = source;
    this.#url = URL.createObjectURL(source);
    source.addEventListener(
      "sourceopen",
      () => {
        if (this.#source !== source || this.#closed) {
          return;
        }
        const buffer = source.addSourceBuffer(type);
        this.#buffer = buffer;
        buffer.addEventListener("updateend", () => this.#append());
        this.#append();
      },
      { once: true },
    );
    this.element.src = this.#url;
    this.element.play().catch(() => undefined); // a new source interrupts; the edge keeper asks again
  }

  #append(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || buffer.updating || this.#source?.readyState !== "open" || this.element.error !== null) {
      return;
    }
    const segment = this.#queue.shift();
    if (segment === undefined) {
      return;
    }
    try {
      buffer.appendBuffer(segment);
    } catch (error) {
      if ((error as DOMException).name === "QuotaExceededError") {
        this.#queue.unshift(segment);
        this.#trim(1);
      } else {
        this.#events.onUnplayable(String(error));
      }
    }
  }

  #holdEdge(): void {
    const { element } = this;
    if (element.error !== null) {
      this.#events.onUnplayable(element.error.message);
      return;
    }
    const { buffered } = element;
    if (buffered.length === 0) {
      return;
    }
    const edgeS = buffered.end(buffered.length - 1);
    const startS = buffered.start(buffered.length - 1);
    const behindS = edgeS - element.currentTime;
    if (behindS > JUMP_S || element.currentTime < startS) {
      element.currentTime = Math.max(startS, edgeS - HURRY_S / 2);
      element.playbackRate = 1;
    } else {
      element.playbackRate = behindS > HURRY_S ? HURRY_RATE : 1;
    }
    if (element.paused && !element.seeking) {
      element.play().catch(() => undefined);
    }
    if (element.currentTime - buffered.start(0) > 2 * KEEP_S) {
      this.#trim(KEEP_S);
    }
  }

  #trim(keepS: number): void {
    const end = this.element.currentTime - keepS;
    if (this.#buffer !== undefined && !this.#buffer.updating && end > 0 && this.#source?.readyState === "open") {
      this.#buffer.remove(0, end);
    }
  }

  #watchPictures(): void {
    this.element.requestVideoFrameCallback((_now, { mediaTime }) => {
      if (!this.#closed) {
        this.#events.onPicture(this.#startPts90k + Math.round(mediaTime * 90_000));
        this.#watchPictures();
      }
    });
  }

  #revoke(): void {
    if (this.#url !== undefined) {
      URL.revokeObjectURL(this.#url);
      this.#url = undefined;
    }
  }
}

/** Codecs asked about, most wanted first. */
const OFFERED = ["avc1.640033", "hvc1.1.6.L153.B0", "mp4a.40.2", "opus"];

function mediaSourceClass(): MediaSourceClass | undefined {
  return (window as { ManagedMediaSource?: MediaSourceClass }).ManagedMediaSource ?? window.MediaSource;
}
