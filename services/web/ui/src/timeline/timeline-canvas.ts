/**
 * The timeline on a canvas: coverage, gaps, events, the playhead; dragged, zoomed, clicked. Framework-free.
 * Does: drawing and gestures. Does not: loading (timeline-data.ts), playing.
 */
import { clockTime, dayName, shortTime, startOfDayMs } from "../format.ts";
import { centred, marksOf, panned, steppedSpan, type TimeScale, timeAt, xOf, zoomed } from "./time-scale.ts";
import { isMissing, type TimelineData } from "./timeline-data.ts";
import { hatch, LANE, type Palette, paletteOf, pill, roundBar } from "./timeline-paint.ts";

/** What the owner is told. */
export interface TimelineEvents {
  /** A moment was chosen. */
  onPick(wallUs: number): void;
  /** Another part of time is shown. */
  onScale(scale: TimeScale): void;
  /** Someone looks at a moment without going there; undefined: not any more. */
  onLook(look: TimelineLook | undefined): void;
}

/** Where someone looks. by key: those who do not see it are told. */
export interface TimelineLook {
  readonly wallUs: number;
  readonly x: number;
  readonly by: "pointer" | "key";
}

const EVENT = { top: 38, height: 18, leastPx: 4 } as const;
const LABEL_PX = 84;
const CLICK_SLOP_PX = 5;
const FOLLOW_MARGIN = 0.12;
/** A finger or button held still for so long, or put on the playhead, looks along the timeline instead of moving it. */
const HOLD_MS = 350;
const GRIP_PX = 18;
/** Parts of the view that Page Up and Page Down step by. */
const KEY_STEPS = 40;

/** See above. */
export class TimelineCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #events: TimelineEvents;
  readonly #observer: ResizeObserver;
  readonly #abort = new AbortController();
  readonly #pointers = new Map<number, number>();
  #scale: TimeScale;
  #data: TimelineData = { segments: [], gaps: [], events: [], unavailable: [] };
  #playheadUs = 0;
  #nowUs: number;
  #hoverX: number | undefined;
  #movedPx = 0;
  #frame = 0;
  #isLive = true;
  #heldUntilMs = 0;
  #isScrubbing = false;
  #holding: ReturnType<typeof setTimeout> | undefined;
  /** Where keys look; it stays at its moment while the view moves. */
  #keyLookUs: number | undefined;

  constructor(canvas: HTMLCanvasElement, nowUs: number, spanUs: number, events: TimelineEvents) {
    this.#canvas = canvas;
    this.#events = events;
    this.#nowUs = nowUs;
    this.#scale = { startUs: nowUs - spanUs * 0.94, spanUs, widthPx: Math.max(1, canvas.clientWidth) };
    this.#observer = new ResizeObserver(() => {
      this.#scale = { ...this.#scale, widthPx: Math.max(1, canvas.clientWidth) };
      this.#changed();
    });
    this.#observer.observe(canvas);
    this.#listen();
  }

  /** The part of time shown. */
  get scale(): TimeScale {
    return this.#scale;
  }

  /** Shows other data. */
  setData(data: TimelineData): void {
    this.#data = data;
    this.#request();
  }

  /** Moves playhead and now; the view follows a playhead that leaves it, unless someone is looking elsewhere. */
  setTimes(playheadUs: number, nowUs: number, isLive: boolean): void {
    this.#playheadUs = playheadUs;
    this.#nowUs = nowUs;
    this.#isLive = isLive;
    if (this.#hoverX !== undefined || this.#keyLookUs !== undefined) {
      this.#look(); // what lies under a pointer that rests changes while the view moves, and as pictures come
    }
    const x = xOf(this.#scale, playheadUs) / this.#scale.widthPx;
    if (performance.now() > this.#heldUntilMs && this.#pointers.size === 0) {
      if (isLive ? x < 0 || x > 0.96 : x > 1 - FOLLOW_MARGIN / 2 && x < 1.2) {
        this.#scale = { ...this.#scale, startUs: playheadUs - this.#scale.spanUs * (isLive ? 0.94 : FOLLOW_MARGIN) };
        this.#changed();
        return;
      }
    }
    this.#request();
  }

  /** Brings a moment into view. */
  reveal(wallUs: number): void {
    const x = xOf(this.#scale, wallUs) / this.#scale.widthPx;
    if (x < 0.02 || x > 0.98) {
      this.#scale = centred(this.#scale, wallUs, this.#nowUs);
      this.#changed();
    }
  }

  /** Shows a longer (1) or shorter (-1) span around the playhead, or the middle when it is out of view. */
  zoom(direction: 1 | -1): void {
    const factor = steppedSpan(this.#scale.spanUs, direction) / this.#scale.spanUs;
    const x = xOf(this.#scale, this.#playheadUs);
    const inView = x >= 0 && x <= this.#scale.widthPx;
    this.#zoomAt(factor, inView ? x : this.#scale.widthPx / 2);
  }

  /** Ends listening. */
  close(): void {
    this.#abort.abort();
    clearTimeout(this.#holding);
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #zoomAt(factor: number, x: number): void {
    this.#scale = zoomed(this.#scale, factor, x, this.#nowUs);
    this.#hold();
    this.#changed();
  }

  #hold(): void {
    this.#heldUntilMs = performance.now() + 8000;
  }

  #changed(): void {
    this.#events.onScale(this.#scale);
    this.#request();
  }

  #request(): void {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  #listen(): void {
    const canvas = this.#canvas;
    const signal = this.#abort.signal;
    canvas.addEventListener(
      "pointerdown",
      (event) => {
        canvas.setPointerCapture(event.pointerId);
        this.#pointers.set(event.pointerId, event.offsetX);
        this.#movedPx = this.#pointers.size > 1 ? CLICK_SLOP_PX : 0;
        this.#lookByKey(undefined);
        this.#grip(event);
      },
      { signal },
    );
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener(
      "pointerup",
      (event) => {
        const isPick = this.#movedPx < CLICK_SLOP_PX || this.#isScrubbing;
        if (this.#pointers.delete(event.pointerId) && isPick && event.button === 0) {
          this.#events.onPick(Math.min(timeAt(this.#scale, event.offsetX), this.#nowUs));
        }
        this.#release(event.pointerType);
      },
      { signal },
    );
    canvas.addEventListener(
      "pointercancel",
      (event) => {
        this.#pointers.delete(event.pointerId);
        this.#release("touch");
      },
      { signal },
    );
    canvas.addEventListener("keydown", (press) => this.#key(press), { signal });
    canvas.addEventListener("blur", () => this.#lookByKey(undefined), { signal });
    canvas.addEventListener(
      "pointerleave",
      () => {
        this.#hoverX = undefined;
        this.#look();
      },
      { signal },
    );
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          this.#scale = panned(this.#scale, -event.deltaX, this.#nowUs);
          this.#hold();
          this.#changed();
        } else {
          this.#zoomAt(
            Math.exp(Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120) * 0.002),
            event.offsetX,
          );
        }
      },
      { passive: false, signal },
    );
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#request(), { signal });
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined || this.#isScrubbing) {
      this.#hoverX = event.pointerType === "mouse" || this.#isScrubbing ? event.offsetX : undefined;
      this.#look();
      return;
    }
    const deltaPx = event.offsetX - before;
    this.#movedPx += Math.abs(deltaPx);
    this.#pointers.set(event.pointerId, event.offsetX);
    if (this.#movedPx < CLICK_SLOP_PX) {
      return;
    }
    this.#release(event.pointerType); // this is a pan or a pinch
    this.#hold();
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      this.#scale = panned(this.#scale, deltaPx, this.#nowUs);
    } else {
      const widthBefore = Math.max(20, Math.abs(before - other));
      const width = Math.max(20, Math.abs(event.offsetX - other));
      this.#scale = zoomed(this.#scale, widthBefore / width, (event.offsetX + other) / 2, this.#nowUs);
    }
    this.#changed();
  }

  /** A pointer put on the playhead, or held still, looks along the timeline. */
  #grip(event: PointerEvent): void {
    clearTimeout(this.#holding);
    const scrub = () => {
      this.#isScrubbing = this.#pointers.size === 1;
      this.#hoverX = this.#isScrubbing ? event.offsetX : this.#hoverX;
      this.#look();
    };
    if (this.#pointers.size === 1 && Math.abs(event.offsetX - xOf(this.#scale, this.#playheadUs)) < GRIP_PX) {
      scrub();
    } else if (this.#pointers.size === 1) {
      this.#holding = setTimeout(scrub, HOLD_MS);
    } else {
      this.#isScrubbing = false;
    }
  }

  #release(pointerType: string): void {
    clearTimeout(this.#holding);
    this.#isScrubbing = false;
    if (pointerType !== "mouse") {
      this.#hoverX = undefined; // a finger that is gone points nowhere
    }
    this.#look();
  }

  #key(press: KeyboardEvent): void {
    if (press.key === "PageUp" || press.key === "PageDown") {
      const stepUs = (this.#scale.spanUs / KEY_STEPS) * (press.key === "PageUp" ? -1 : 1);
      this.#lookByKey(Math.min((this.#keyLookUs ?? this.#playheadUs) + stepUs, this.#nowUs));
    } else if (press.key === "Enter" && this.#keyLookUs !== undefined) {
      this.#events.onPick(this.#keyLookUs);
      this.#lookByKey(undefined);
    } else if (press.key === "Escape" && this.#keyLookUs !== undefined) {
      this.#lookByKey(undefined);
    } else {
      return;
    }
    press.preventDefault();
  }

  #lookByKey(wallUs: number | undefined): void {
    if (wallUs !== this.#keyLookUs) {
      this.#keyLookUs = wallUs;
      if (wallUs !== undefined) {
        this.#hold();
        this.reveal(wallUs);
      }
      this.#look();
    }
  }

  /** Tells where one looks, and draws it. */
  #look(): void {
    const x = this.#keyLookUs === undefined ? this.#hoverX : xOf(this.#scale, this.#keyLookUs);
    const wallUs = x === undefined ? undefined : timeAt(this.#scale, x);
    const isPanning = this.#pointers.size > 0 && !this.#isScrubbing;
    if (x === undefined || wallUs === undefined || wallUs > this.#nowUs || isPanning) {
      this.#events.onLook(undefined);
    } else {
      this.#events.onLook({ wallUs, x, by: this.#keyLookUs === undefined ? "pointer" : "key" });
    }
    this.#request();
  }

  #draw(): void {
    const canvas = this.#canvas;
    const context = canvas.getContext("2d");
    if (context === null || canvas.clientWidth === 0) {
      return;
    }
    const ratio = devicePixelRatio;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const paint = paletteOf(canvas);
    this.#drawMarks(context, paint, height);
    this.#drawCoverage(context, paint);
    this.#drawEvents(context, paint);
    this.#drawHover(context, paint, height);
    this.#drawPlayhead(context, paint, height);
  }

  #drawMarks(context: CanvasRenderingContext2D, paint: Palette, height: number): void {
    const scale = this.#scale;
    const offsetS = -new Date(scale.startUs / 1000).getTimezoneOffset() * 60;
    const fine = scale.spanUs / scale.widthPx < 400_000; // below 0.4 s a pixel labels need seconds
    context.font = `500 11px ${paint.font}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    for (const mark of marksOf(scale, LABEL_PX, offsetS)) {
      const x = Math.round(xOf(scale, mark.wallUs)) + 0.5;
      context.strokeStyle = mark.labelled ? paint.lineStrong : paint.line;
      context.beginPath();
      context.moveTo(x, LANE.top + LANE.height + 4);
      context.lineTo(x, LANE.top + LANE.height + (mark.labelled ? 11 : 8));
      context.stroke();
      if (mark.labelled) {
        const midnight = startOfDayMs(mark.wallUs) === mark.wallUs / 1000;
        context.fillStyle = midnight ? paint.text : paint.text3;
        const text = midnight ? dayName(mark.wallUs) : fine ? clockTime(mark.wallUs) : shortTime(mark.wallUs);
        context.fillText(text, Math.min(Math.max(x, 26), scale.widthPx - 26), height - 6);
      }
    }
  }

  #drawCoverage(context: CanvasRenderingContext2D, paint: Palette): void {
    const scale = this.#scale;
    const lane = (fromUs: number, toUs: number): [number, number] | undefined => {
      const left = Math.max(-8, xOf(scale, fromUs));
      const right = Math.min(scale.widthPx + 8, xOf(scale, toUs));
      return right < 0 || left > scale.widthPx ? undefined : [left, Math.max(1, right - left)];
    };
    const whole = lane(scale.startUs, Math.min(this.#nowUs, scale.startUs + scale.spanUs));
    if (whole !== undefined) {
      context.fillStyle = paint.empty;
      roundBar(context, whole[0], LANE.top, whole[1], LANE.height, 5);
    }
    context.fillStyle = paint.coverage;
    for (const stretch of this.#data.segments) {
      const bar = lane(stretch.startWallUs, stretch.endWallUs);
      if (bar !== undefined) {
        roundBar(context, bar[0], LANE.top, bar[1], LANE.height, Math.min(5, bar[1] / 2));
      }
    }
    for (const gap of [...this.#data.gaps.filter(isMissing), ...this.#data.unavailable]) {
      const bar = lane(gap.startWallUs, Math.min(gap.endWallUs, this.#nowUs));
      if (bar !== undefined && bar[1] >= 3) {
        hatch(context, bar[0], bar[1], paint.bad);
      }
    }
  }

  #drawEvents(context: CanvasRenderingContext2D, paint: Palette): void {
    const scale = this.#scale;
    for (const event of this.#data.events) {
      const left = xOf(scale, event.startWallUs);
      const right = xOf(scale, event.endWallUs ?? this.#nowUs);
      if (right >= -4 && left <= scale.widthPx + 4) {
        context.fillStyle = paint.event;
        const width = Math.max(EVENT.leastPx, right - left);
        roundBar(context, left, EVENT.top, width, EVENT.height, Math.min(4, width / 2));
      }
    }
  }

  #drawHover(context: CanvasRenderingContext2D, paint: Palette, height: number): void {
    const x = this.#keyLookUs === undefined ? this.#hoverX : xOf(this.#scale, this.#keyLookUs);
    if (x === undefined || (this.#pointers.size > 0 && !this.#isScrubbing)) {
      return;
    }
    const wallUs = timeAt(this.#scale, x);
    if (wallUs > this.#nowUs) {
      return;
    }
    context.strokeStyle = paint.lineStrong;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(Math.round(x) + 0.5, LANE.top - 4);
    context.lineTo(Math.round(x) + 0.5, height - 22);
    context.stroke();
    pill(context, paint, x, clockTime(wallUs), { back: paint.raised, fore: paint.text });
  }

  #drawPlayhead(context: CanvasRenderingContext2D, paint: Palette, height: number): void {
    const x = xOf(this.#scale, this.#playheadUs);
    if (x < -1 || x > this.#scale.widthPx + 1) {
      return;
    }
    context.fillStyle = paint.playhead;
    roundBar(context, x - 1, LANE.top - 6, 2, height - LANE.top - 15, 1);
    if (this.#hoverX === undefined || Math.abs(this.#hoverX - x) > 60 || this.#pointers.size > 0) {
      const words = this.#isLive ? paint.liveWord : clockTime(this.#playheadUs);
      pill(context, paint, x, words, { back: paint.playhead, fore: paint.onPlayhead });
    }
  }
}
