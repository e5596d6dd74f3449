/**
 * Plays what is recorded of a camera from any moment on: asks for a minute at a time, appends the next before the last ends, and
 * keeps media time and wall time together, so that the page always knows when the picture was taken.
 * Framework-free; owns one video element. Where MediaSource is missing the element plays the address itself.
 */
import { recordingUrl } from "../net/api.ts";
import { type Mp4Facts, readMp4Facts } from "./mp4-facts.ts";

/** What the viewer sees. unplayable: the browser has no decoder for it. */
export type RecordingState = "idle" | "loading" | "playing" | "paused" | "ended" | "failed" | "unplayable";

/** A recorded stretch of time, Unix microseconds. */
export interface Stretch {
  readonly startWallUs: number;
  readonly endWallUs: number;
}

/** What the owner is told. */
export interface RecordingEvents {
  /** reason: of "failed" the error, of "unplayable" the codec's name. */
  onState(state: RecordingState, reason?: string): void;
  /** The picture now shown was taken then. */
  onTime(wallUs: number): void;
}

const CHUNK_US = 60_000_000;
const AHEAD_S = 20; // the next minute is asked for when less than this is left
const KEEP_BEHIND_S = 120;
const TICK_MS = 100;
const HOLE_S = 1.5;
/** A position nearer than this to a stretch's end has nothing more to play. */
const END_SLACK_US = 150_000;

/** See above. */
export class RecordingPlayer {
  readonly video: HTMLVideoElement = document.createElement("video");
  readonly #camera: string;
  readonly #events: RecordingEvents;
  readonly #timer: ReturnType<typeof setInterval>;
  #loading: AbortController | undefined;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #url: string | undefined;
  /** Wall time of media time 0. */
  #zeroWallUs = 0;
  /** Where to stop: the end of the recorded stretch, or of the clip. */
  #endWallUs = 0;
  #nextWallUs = 0;
  #fetching = false;
  #rate = 1;
  #state: RecordingState = "idle";
  #wantsPlay = true;

  constructor(camera: string, events: RecordingEvents) {
    this.#camera = camera;
    this.#events = events;
    this.video.playsInline = true;
    this.video.muted = true;
    this.video.preload = "auto";
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Wall time of the picture now shown, Unix microseconds. */
  get wallUs(): number {
    return this.#zeroWallUs + this.video.currentTime * 1e6;
  }

  /** What the viewer sees. */
  get state(): RecordingState {
    return this.#state;
  }

  /** Plays from a moment on, up to the end of the stretch that holds it. */
  playAt(wallUs: number, stretch: Stretch): void {
    const inBuffer = this.#buffer !== undefined && stretch.endWallUs <= this.#endWallUs + 1 && this.#isBuffered(wallUs);
    this.#wantsPlay = true;
    if (inBuffer) {
      this.video.currentTime = (wallUs - this.#zeroWallUs) / 1e6;
      void this.#play();
      return;
    }
    this.#load(Math.max(wallUs, stretch.startWallUs), stretch.endWallUs);
  }

  /** The stretch has grown: recording goes on while it is watched. */
  extend(endWallUs: number): void {
    if (endWallUs > this.#endWallUs && this.#state !== "idle") {
      this.#endWallUs = endWallUs;
      if (this.#state === "ended" && this.#wantsPlay && this.#source !== undefined) {
        this.#tell("loading");
      }
    }
  }

  /** Holds the picture. */
  pause(): void {
    this.#wantsPlay = false;
    this.video.pause();
    if (this.#state === "playing" || this.#state === "loading") {
      this.#tell("paused");
    }
  }

  /** Goes on. */
  resume(): void {
    this.#wantsPlay = true;
    void this.#play();
  }

  /** Plays at 1 for real time, up to 8. */
  setRate(rate: number): void {
    this.#rate = rate;
    this.video.playbackRate = rate;
  }

  /** Shows the next or last picture; 1/15 s, for the camera's own rate is not told. */
  step(direction: 1 | -1): void {
    this.pause();
    this.video.currentTime = Math.max(0, this.video.currentTime + direction / 15);
  }

  /** Forgets what plays. */
  stop(): void {
    this.#unload();
    this.#tell("idle");
  }

  /** Frees everything; the player is of no more use. */
  close(): void {
    clearInterval(this.#timer);
    this.#unload();
  }

  #load(fromUs: number, endWallUs: number): void {
    this.#unload();
    this.#tell("loading");
    this.#endWallUs = endWallUs;
    this.#nextWallUs = fromUs;
    this.#zeroWallUs = fromUs;
    const Source = mediaSourceClass();
    if (Source === undefined) {
      this.video.src = recordingUrl(this.#camera, fromUs, Math.min(endWallUs, fromUs + 10 * CHUNK_US));
      void this.#play();
      return;
    }
    const loading = new AbortController();
    this.#loading = loading;
    const source = new Source();
    this.#source = source;
    this.#url = URL.createObjectURL(source);
    this.video.disableRemotePlayback = true;
    source.addEventListener("sourceopen", () => void this.#fetchNext(loading.signal, fromUs), { once: true });
    this.video.src = this.#url;
  }

  #unload(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#buffer = undefined;
    this.#source = undefined;
    this.#fetching = false;
    if (this.#url !== undefined) {
      URL.revokeObjectURL(this.#url);
      this.#url = undefined;
    }
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Appends the next minute. seekTo: the moment wanted, when this is the first one. */
  async #fetchNext(signal: AbortSignal, seekTo?: number): Promise<void> {
    const fromUs = this.#nextWallUs;
    const toUs = Math.min(fromUs + CHUNK_US, this.#endWallUs);
    if (this.#fetching || toUs - fromUs < END_SLACK_US) {
      return;
    }
    this.#fetching = true;
    try {
      const answer = await fetch(recordingUrl(this.#camera, fromUs, toUs, "key-frame"), { signal });
      if (!answer.ok || answer.body === null) {
        const body = (await answer.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
        throw new Error(body?.error?.message ?? answer.statusText);
      }
      const startWallUs = Number(answer.headers.get("x-start-wall-us") ?? fromUs);
      await this.#appendBody(answer.body, startWallUs, signal, seekTo);
      // Camera settings changed within the minute: the archive says where another stream begins.
      this.#nextWallUs = Number(answer.headers.get("x-continue-from-us") ?? toUs);
    } catch (error) {
      if (!signal.aborted && error instanceof UnplayableCodec) {
        this.#tell("unplayable", error.message);
        this.#loading?.abort(); // what follows cannot be played either
      } else if (!signal.aborted) {
        this.#tell("failed", (error as Error).message);
      }
    } finally {
      if (!signal.aborted) {
        this.#fetching = false;
      }
    }
  }

  async #appendBody(
    body: ReadableStream<Uint8Array>,
    startWallUs: number,
    signal: AbortSignal,
    seekTo: number | undefined,
  ): Promise<void> {
    const reader = body.getReader();
    let head: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(0);
    let sought = seekTo === undefined;
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) {
        break;
      }
      let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(value);
      if (head !== undefined) {
        bytes = joined(head, bytes);
        const facts = readMp4Facts(bytes);
        if (facts === undefined) {
          head = bytes;
          continue;
        }
        head = undefined;
        this.#prepare(facts, startWallUs, seekTo);
      }
      await this.#append(bytes, signal);
      if (!sought && seekTo !== undefined && this.#isBuffered(seekTo)) {
        sought = true;
        this.#seekFirst(seekTo);
      }
    }
    if (!sought && this.video.buffered.length > 0) {
      this.#seekFirst(Math.max(seekTo ?? 0, this.#zeroWallUs + this.video.buffered.start(0) * 1e6));
    }
    if (head !== undefined) {
      throw new Error("an empty recording");
    }
  }

  #seekFirst(wallUs: number): void {
    const seconds = Math.max(0, (wallUs - this.#zeroWallUs) / 1e6);
    if (Math.abs(this.video.currentTime - seconds) > 0.001) {
      this.video.currentTime = seconds;
    }
    if (this.#wantsPlay) {
      void this.#play();
    } else {
      this.#tell("paused");
    }
  }

  #prepare(facts: Mp4Facts, startWallUs: number, seekTo: number | undefined): void {
    if (this.#source === undefined) {
      return;
    }
    if (!mediaSourceClass()?.isTypeSupported(facts.type)) {
      throw new UnplayableCodec(facts.videoName);
    }
    if (this.#buffer === undefined) {
      this.#zeroWallUs = Math.min(this.#zeroWallUs, startWallUs);
      this.#buffer = this.#source.addSourceBuffer(facts.type);
      if (seekTo !== undefined) {
        // before anything is there, so that the key frame that leads up to the moment is never shown
        this.video.currentTime = Math.max(0, (seekTo - this.#zeroWallUs) / 1e6);
      }
    } else {
      this.#buffer.changeType(facts.type);
    }
    // media time 0 of the stream, at which sound may begin before the first picture, was at startWallUs
    this.#buffer.timestampOffset = (startWallUs - this.#zeroWallUs) / 1e6;
  }

  async #append(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const buffer = this.#buffer;
    if (buffer === undefined) {
      return;
    }
    for (;;) {
      try {
        buffer.appendBuffer(bytes);
        break;
      } catch (error) {
        if ((error as DOMException).name !== "QuotaExceededError") {
          throw error;
        }
        buffer.remove(0, Math.max(0.1, this.video.currentTime - 5));
        await settled(buffer);
        await new Promise((resolve) => setTimeout(resolve, 500)); // full: as playing goes on there is room again
      }
      signal.throwIfAborted();
    }
    await settled(buffer);
    signal.throwIfAborted();
    if (this.video.error !== null) {
      throw new Error(this.video.error.message);
    }
  }

  async #play(): Promise<void> {
    this.video.playbackRate = this.#rate;
    try {
      await this.video.play();
    } catch {
      // interrupted by a newer load; the tick tells the state
    }
  }

  #tick(): void {
    const { video } = this;
    if (this.#state === "idle" || this.#state === "failed" || this.#state === "unplayable") {
      return;
    }
    if (video.buffered.length > 0 || this.#source === undefined) {
      this.#events.onTime(this.wallUs);
    }
    const playing = !video.paused && !video.ended && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    const atEnd = this.wallUs >= this.#endWallUs - END_SLACK_US || this.#stuckAtEnd();
    if (atEnd && this.#wantsPlay && this.#buffer !== undefined && !this.#fetching) {
      video.pause();
      this.#tell("ended");
    } else if (playing) {
      this.#tell("playing");
    } else if (this.#wantsPlay && this.#state === "playing") {
      this.#tell("loading");
    } else if (this.#wantsPlay && video.paused && this.#buffer !== undefined && video.readyState >= 3) {
      void this.#play();
    }
    this.#crossHole();
    this.#feed();
  }

  /** A break too short to be a gap (half a second at most) leaves a hole in the buffer, which the browser would wait at for ever. */
  #crossHole(): void {
    const { buffered, currentTime, paused, readyState } = this.video;
    if (paused || readyState > HTMLMediaElement.HAVE_CURRENT_DATA) {
      return;
    }
    for (let index = 1; index < buffered.length; index++) {
      const startS = buffered.start(index);
      if (startS > currentTime && startS - currentTime < HOLE_S && buffered.end(index - 1) - currentTime < HOLE_S) {
        this.video.currentTime = startS + 0.01;
        return;
      }
    }
  }

  /** Everything there is has been appended and shown: what was promised to the end is a little shorter. */
  #stuckAtEnd(): boolean {
    const { buffered, currentTime, readyState } = this.video;
    const edgeS = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
    return (
      this.#endWallUs - this.#nextWallUs < END_SLACK_US && edgeS > 0 && edgeS - currentTime < 0.2 && readyState < 3
    );
  }

  #feed(): void {
    const { buffered, currentTime } = this.video;
    if (this.#loading === undefined || this.#buffer === undefined || buffered.length === 0) {
      return;
    }
    const leftS = buffered.end(buffered.length - 1) - currentTime;
    if (leftS < AHEAD_S * Math.max(1, this.#rate) && !this.#fetching) {
      void this.#fetchNext(this.#loading.signal);
    }
    const oldestS = currentTime - KEEP_BEHIND_S;
    if (!this.#fetching && !this.#buffer.updating && buffered.start(0) < oldestS - 30) {
      this.#buffer.remove(0, oldestS);
    }
  }

  #isBuffered(wallUs: number): boolean {
    const seconds = (wallUs - this.#zeroWallUs) / 1e6;
    const { buffered } = this.video;
    for (let index = 0; index < buffered.length; index++) {
      if (seconds >= buffered.start(index) - 0.05 && seconds < buffered.end(index) - 0.05) {
        return true;
      }
    }
    return false;
  }

  #tell(state: RecordingState, reason?: string): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#events.onState(state, reason);
    }
  }
}

/** The browser has no decoder for what was recorded. message: the codec's name. */
class UnplayableCodec extends Error {}

function mediaSourceClass(): typeof MediaSource | undefined {
  return (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? window.MediaSource;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function settled(buffer: SourceBuffer): Promise<void> {
  return buffer.updating
    ? new Promise((resolve) => buffer.addEventListener("updateend", () => resolve(), { once: true }))
    : Promise.resolve();
}
