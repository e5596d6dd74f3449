/** Follows one ring across restarts of its writer and sums up what it sees. */
import { type Clock, elapsedMs, isAborted, LanthornError } from "@lanthorn/base";
import type { RingInfo } from "../../src/index.ts";
import { openSource, type RingSource, type Seen } from "./ring-source.ts";
import { type Percentiles, SampleWindow } from "./sample-window.ts";

const REOPEN_MS = 200; // how soon a new writer is found
const STALE_MS = 2000; // nothing new for so long, and for ten times as long as usual: stale
const STALE_INTERVALS = 10;

/** live: frames come. stale: the writer lives and is silent. dead: a crash left it. absent: no ring of this name. */
export type WatchState = "live" | "stale" | "dead" | "absent";

/**
 * What was seen of a ring since the report before. missed: frames or records that this watch did not see, since it began. reopened: how
 * often a new writer came. Latencies are of the newest 512 seen; toSeen: until this program had it.
 */
export type WatchReport = {
  name: string;
  state: WatchState;
  ratePerS: number;
  megabytesPerS: number;
  captureToPublishMs: Percentiles | undefined;
  publishToSeenMs: Percentiles | undefined;
  captureToSeenMs: Percentiles | undefined;
  jitterMs: number | undefined;
  sequence: bigint;
  missed: number;
  reopened: number;
};

/** One ring being watched. */
export class RingWatch {
  readonly name: string;
  readonly #clock: Clock;
  readonly #windows = {
    captureToPublish: new SampleWindow(),
    publishToSeen: new SampleWindow(),
    captureToSeen: new SampleWindow(),
    interval: new SampleWindow(),
  };
  #newest: (Seen & { seenMonoNs: bigint }) | undefined;
  #missed = 0;
  #incarnation = 0n;
  #incarnations = 0;
  #publishedSinceReport = 0;
  #bytesSinceReport = 0;
  #reportedMonoNs: bigint;
  #fault: unknown;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#reportedMonoNs = clock.monoNs();
  }

  /** Begins to watch; ends when the signal is aborted. What goes wrong is thrown by the next report. */
  start(signal: AbortSignal): Promise<void> {
    return this.#follow(signal).catch((error: unknown) => {
      this.#fault = error;
    });
  }

  /** Sums up since the last report. info: what the ring's header says now. Throws: what ended the watch. */
  report(info: RingInfo | undefined): WatchReport {
    if (this.#fault !== undefined) {
      throw this.#fault;
    }
    const nowMonoNs = this.#clock.monoNs();
    const seconds = Math.max(elapsedMs(this.#reportedMonoNs, nowMonoNs) / 1000, 1e-3);
    const report: WatchReport = {
      name: this.name,
      state: this.#state(info, nowMonoNs),
      ratePerS: this.#publishedSinceReport / seconds,
      megabytesPerS: this.#bytesSinceReport / 1e6 / seconds,
      captureToPublishMs: this.#windows.captureToPublish.percentiles(),
      publishToSeenMs: this.#windows.publishToSeen.percentiles(),
      captureToSeenMs: this.#windows.captureToSeen.percentiles(),
      jitterMs: this.#windows.interval.deviation(),
      sequence: info?.lastSequence ?? this.#newest?.sequence ?? 0n,
      missed: this.#missed,
      reopened: Math.max(this.#incarnations - 1, 0),
    };
    this.#reportedMonoNs = nowMonoNs;
    this.#publishedSinceReport = 0;
    this.#bytesSinceReport = 0;
    return report;
  }

  #state(info: RingInfo | undefined, nowMonoNs: bigint): WatchState {
    if (info === undefined) {
      return "absent";
    }
    if (!info.alive) {
      return "dead";
    }
    // A new writer's ring that this watch has not opened yet: what it saw last was of the ring before.
    const since = info.incarnation === this.#incarnation ? this.#newest?.seenMonoNs : undefined;
    const usualMs = (this.#windows.interval.mean() ?? 0) * STALE_INTERVALS;
    return since !== undefined && elapsedMs(since, nowMonoNs) < Math.max(STALE_MS, usualMs) ? "live" : "stale";
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        using source = disposable(openSource(this.name));
        if (source.incarnation !== this.#incarnation) {
          this.#begin(source);
          await this.#read(source, signal);
        }
      } catch (error) {
        if (!isFollowable(error)) {
          throw error;
        }
      }
      await this.#clock.sleep(REOPEN_MS, signal).catch(ignoreAborted);
    }
  }

  #begin(source: RingSource): void {
    this.#incarnation = source.incarnation;
    this.#incarnations += 1;
    for (const window of Object.values(this.#windows)) {
      window.clear();
    }
    const { before } = source;
    this.#newest = before && { ...before, seenMonoNs: before.publishMonoNs ?? before.captureMonoNs };
  }

  async #read(source: RingSource, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await source.wait(signal)) !== "gone") {
      for (const seen of source.takeNew()) {
        this.#note(seen);
      }
    }
  }

  #note(seen: Seen): void {
    const seenMonoNs = this.#clock.monoNs();
    this.#missed += seen.missed;
    this.#publishedSinceReport += 1 + seen.missed;
    this.#bytesSinceReport += seen.bytes * (1 + seen.missed);
    const isCaptureKnown = seen.captureMonoNs > 0n;
    if (seen.publishMonoNs !== undefined) {
      this.#windows.publishToSeen.add(elapsedMs(seen.publishMonoNs, seenMonoNs));
      if (isCaptureKnown) {
        this.#windows.captureToPublish.add(elapsedMs(seen.captureMonoNs, seen.publishMonoNs));
      }
    }
    if (isCaptureKnown) {
      this.#windows.captureToSeen.add(elapsedMs(seen.captureMonoNs, seenMonoNs));
    }
    if (this.#newest !== undefined) {
      const from = this.#newest.publishMonoNs ?? this.#newest.seenMonoNs;
      this.#windows.interval.add(elapsedMs(from, seen.publishMonoNs ?? seenMonoNs) / (1 + seen.missed));
    }
    this.#newest = { ...seen, seenMonoNs };
  }
}

function disposable(source: RingSource): RingSource & Disposable {
  return Object.assign(source, { [Symbol.dispose]: () => source.close() });
}

/** The ring's own fault, which a new writer mends. */
function isFollowable(error: unknown): boolean {
  return error instanceof LanthornError && error.code.startsWith("RING_") && error.code !== "RING_ADDON_MISSING";
}

function ignoreAborted(error: unknown): void {
  if (!isAborted(error)) {
    throw error;
  }
}
