/**
 * Watching one camera: live, or a recorded moment. Knows where to go on when a recording ends.
 * Does: position, gaps, speed. Does not: elements of the page (pages/camera-page.tsx), decoding (recording/).
 */
import type { DetectionEvent } from "@lanthorn/contract";
import { signal } from "@preact/signals";
import { duration } from "../format.ts";
import { readTimeline } from "../net/api.ts";
import { RecordingPlayer, type RecordingState, type Stretch } from "../recording/recording-player.ts";
import { strings } from "../strings.ts";
import { joinStretches, stretchAt, type TimelineData } from "../timeline/timeline-data.ts";
import { boxNowUs } from "./box.ts";

/** Speeds offered. */
export const RATES = [0.5, 1, 2, 4, 8] as const;

const LIVE_EDGE_US = 6_000_000; // recordings are on disk within seconds: later than this is live
const LOOK_AHEAD_US = 12 * 3_600_000_000;
const NOTICE_MS = 4000;
const EVENT_LEAD_US = 3_000_000;

/** See above. */
export class Playback {
  readonly camera: string;
  readonly recording: RecordingPlayer;
  readonly mode = signal<"live" | "recorded">("live");
  readonly state = signal<RecordingState | "empty">("idle");
  readonly wallUs = signal(boxNowUs());
  readonly rate = signal<number>(1);
  /** The codec that this browser has no decoder for, while state is "unplayable". */
  readonly unplayable = signal<string | undefined>(undefined);
  readonly notice = signal<string | undefined>(undefined);
  /** Where recordings go on, when there is none at the chosen moment. */
  readonly nextUs = signal<number | undefined>(undefined);
  /** Span in view, microseconds. */
  readonly spanUs = signal(0);
  readonly data = signal<TimelineData>({ segments: [], gaps: [], events: [], unavailable: [] });
  #round = 0;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(camera: string) {
    this.camera = camera;
    this.recording = new RecordingPlayer(camera, {
      onState: (state, reason) => this.#onState(state, reason),
      onTime: (wallUs) => {
        if (this.mode.peek() === "recorded" && this.state.peek() !== "loading") {
          this.wallUs.value = wallUs;
        }
      },
    });
  }

  /** Shows what the camera sees now. */
  goLive(): void {
    this.#round++;
    this.recording.stop();
    this.mode.value = "live";
    this.state.value = "idle";
    this.wallUs.value = boxNowUs();
  }

  /** Plays from a moment on; a moment that is nearly now is live. */
  async playAt(wallUs: number): Promise<void> {
    if (wallUs > boxNowUs() - LIVE_EDGE_US) {
      this.goLive();
      return;
    }
    const round = ++this.#round;
    this.mode.value = "recorded";
    this.wallUs.value = wallUs;
    this.state.value = "loading";
    const known = stretchAt(this.data.peek().segments, wallUs).holds;
    const { holds, next } = known === undefined ? await this.#look(wallUs) : { holds: known, next: undefined };
    if (round !== this.#round) {
      return; // another moment was chosen meanwhile
    }
    if (holds === undefined) {
      this.recording.stop();
      this.nextUs.value = next?.startWallUs;
      this.state.value = "empty";
      return;
    }
    this.recording.setRate(this.rate.peek());
    this.recording.playAt(wallUs, holds);
  }

  /** Play or pause; in live view pauses into the recording. */
  toggle(): void {
    if (this.mode.peek() === "live") {
      void this.playAt(boxNowUs() - LIVE_EDGE_US - 2_000_000);
    } else if (this.state.peek() === "playing" || this.state.peek() === "loading") {
      this.recording.pause();
    } else if (this.state.peek() === "paused") {
      this.recording.resume();
    } else {
      void this.playAt(this.wallUs.peek());
    }
  }

  /** Back or on by seconds. */
  seekBy(seconds: number): void {
    const fromUs = this.mode.peek() === "live" ? boxNowUs() - LIVE_EDGE_US : this.wallUs.peek();
    if (this.mode.peek() === "live" && seconds > 0) {
      return;
    }
    void this.playAt(fromUs + seconds * 1e6);
  }

  /** To the event before or after the playhead. */
  seekEvent(direction: 1 | -1): void {
    const fromUs = this.wallUs.peek() + EVENT_LEAD_US;
    const events = this.data.peek().events.toSorted((a, b) => a.startWallUs - b.startWallUs);
    const target: DetectionEvent | undefined =
      direction === 1
        ? events.find((event) => event.startWallUs > fromUs + 500_000)
        : events.findLast((event) => event.startWallUs < fromUs - 1_500_000);
    if (target !== undefined) {
      this.playEvent(target);
    } else if (direction === 1) {
      this.goLive();
    }
  }

  /** Plays an event from a little before it. */
  playEvent(event: DetectionEvent): void {
    const wantedUs = event.startWallUs - EVENT_LEAD_US;
    const { holds } = stretchAt(this.data.peek().segments, event.startWallUs);
    void this.playAt(holds === undefined ? wantedUs : Math.max(wantedUs, holds.startWallUs));
  }

  /** Sets the speed. */
  setRate(rate: number): void {
    this.rate.value = rate;
    this.recording.setRate(rate);
  }

  /** Takes what the timeline has read; a stretch that is still being recorded grows under the playhead. */
  setData(data: TimelineData): void {
    this.data.value = data;
    const holds = stretchAt(data.segments, this.wallUs.peek()).holds;
    if (this.mode.peek() === "recorded" && holds !== undefined) {
      this.recording.extend(holds.endWallUs);
    }
  }

  /** Frees everything. */
  close(): void {
    this.#round++;
    clearTimeout(this.#noticeTimer);
    this.recording.close();
  }

  #onState(state: RecordingState, reason: string | undefined): void {
    if (this.mode.peek() !== "recorded") {
      return;
    }
    this.unplayable.value = state === "unplayable" ? reason : undefined;
    if (state === "ended") {
      void this.#goOn();
    } else if (state !== "idle") {
      this.state.value = state;
    }
  }

  /** A stretch is over: it has grown, or there is a gap to cross, or it was the last. */
  async #goOn(): Promise<void> {
    const round = this.#round;
    const endUs = this.recording.wallUs;
    this.state.value = "loading";
    const { holds, next } = await this.#look(endUs);
    if (round !== this.#round) {
      return;
    }
    if (holds !== undefined && holds.endWallUs - endUs > 1_000_000) {
      this.recording.playAt(endUs, holds);
    } else if (next !== undefined) {
      this.#say(strings.recordings.skipped(duration((next.startWallUs - endUs) / 1e6)));
      this.recording.playAt(next.startWallUs, next);
    } else {
      this.goLive();
    }
  }

  async #look(wallUs: number): Promise<{ readonly holds?: Stretch; readonly next?: Stretch }> {
    try {
      const toUs = Math.min(wallUs + LOOK_AHEAD_US, boxNowUs());
      const { segments } = await readTimeline(this.camera, wallUs - 1_000_000, Math.max(toUs, wallUs + 1_000_000));
      return stretchAt(joinStretches(segments), wallUs);
    } catch {
      return {};
    }
  }

  #say(text: string): void {
    this.notice.value = text;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => {
      this.notice.value = undefined;
    }, NOTICE_MS);
  }
}
