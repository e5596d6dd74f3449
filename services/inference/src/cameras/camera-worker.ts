/**
 * One camera's work: newest frame in, records out. What comes while a frame is being analysed is dropped, oldest first, and
 * counted; decode never waits for us. Errors of single frames are counted and told once a second, and the next frame is tried.
 */
import { type Clock, elapsedMs, isAborted, type Log, retry, toLanthornError } from "@lanthorn/base";
import { type Box, type Camera, type EmbeddingModel, ringName } from "@lanthorn/contract";
import { encodeJpeg, frameToRgb } from "@lanthorn/media";
import { type FrameMeta, followSlotRing, type Lease } from "@lanthorn/rings";
import type { Analysis } from "../analysis.ts";
import type { InferenceConfig } from "../config.ts";
import type { EmbeddingHost } from "../embedding/embedding-host.ts";
import { regionOfThing } from "../embedding/thing-region.ts";
import { EventLog, type EventReport } from "../events/event-log.ts";
import { type FrameStamp, frameReference, ResultsWriter } from "../events/results-writer.ts";
import { SnapshotChoice } from "../events/snapshot-choice.ts";
import { RecentValues } from "../recent-values.ts";
import type { EventIds } from "../tracking/event-id.ts";
import type { Track } from "../tracking/track.ts";

/** What a worker needs. */
export interface CameraWorkerOptions {
  readonly camera: Camera["id"];
  readonly ringPrefix: string;
  readonly config: InferenceConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly model: string;
  readonly analysis: Analysis;
  readonly eventIds: EventIds;
  /** Embeds pictures of events; undefined: nobody wants that. */
  readonly embedding: EmbeddingHost | undefined;
  /** Told how long each event record took since its frame's arrival. */
  readonly onLatency: (arrivalToEventMs: number) => void;
}

/** What a worker did so far. */
export interface CameraCounts {
  readonly framesInferred: number;
  /** Frames that were replaced by newer ones before we came to them. */
  readonly framesDropped: number;
  /** Frames left out because of motion.maxFps. */
  readonly framesSkipped: number;
  readonly events: number;
  readonly openEvents: number;
  readonly snapshots: number;
  readonly errors: number;
  readonly lastError: string | null;
}

/** Frames a little early still count: cameras' stamps jitter. */
const PERIOD_TOLERANCE = 0.75;
/** A still scene is told of so often, by the camera's clock: whoever records by events must know that somebody looks. */
const TELL_AFTER_NS = 1_000_000_000n;

/** Works for one camera until it is stopped. */
export class CameraWorker {
  readonly #options: CameraWorkerOptions;
  readonly #events: EventLog;
  readonly #snapshots = new SnapshotChoice();
  readonly #inferenceMs = new RecentValues();
  readonly #stopping = new AbortController();
  #counts = { inferred: 0, dropped: 0, skipped: 0, events: 0, snapshots: 0, errors: 0 };
  #lastError: string | null = null;
  #loggedErrors = 0;
  #lastStamp: FrameStamp | undefined;
  #lastSequence: bigint | undefined;
  #lastFrameNs: bigint | undefined;
  /** Capture time of the frame last written of. */
  #toldNs = 0n;
  #isBusy = false;
  /** One frame is in work at a time, so its picture's memory serves all. */
  #rgb = new Uint8Array(0);
  #running: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => {};

  constructor(options: CameraWorkerOptions) {
    this.#options = options;
    const { camera, config, eventIds, model } = options;
    this.#events = new EventLog({
      camera,
      model,
      updateMs: config.events.updateMs,
      makeId: (wallUs) => eventIds.next(wallUs),
    });
  }

  /** Whether a frame is being worked on right now. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** What was done so far. */
  counts(): CameraCounts {
    const { dropped, errors, events, inferred, skipped, snapshots } = this.#counts;
    return {
      framesInferred: inferred,
      framesDropped: dropped,
      framesSkipped: skipped,
      events,
      openEvents: this.#events.openCount,
      snapshots,
      errors,
      lastError: this.#lastError,
    };
  }

  /** How long the analysis of a frame took, over the last 1,000. */
  inferenceMs(): { p50: number; p95: number } {
    const { p50, p95 } = this.#inferenceMs.percentiles();
    return { p50, p95 };
  }

  /** Begins to work; returns at once. */
  start(): void {
    const { camera, clock, log } = this.#options;
    this.#running = this.#run().catch((error: unknown) => {
      if (!isAborted(error)) {
        const { code, message } = toLanthornError(error);
        log.error({ camera, code }, message);
        this.#fault(error);
      }
    });
    this.#stopWatching = clock.every(1000, () => this.#tellErrors());
  }

  /** Ends open events, then the ring. May be called twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopWatching();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { camera, clock, config, log, model, ringPrefix } = this.#options;
    const { signal } = this.#stopping;
    const capacityBytes = config.results.capacityMiB * 1024 * 1024;
    // A predecessor that is still ending holds the ring for a moment.
    const writer = await retry(
      clock,
      signal,
      () => new ResultsWriter({ ringPrefix, camera, model, capacityBytes, clock }),
      {
        maxDelayMs: 1000,
        onFailure: (error) => this.#fault(error),
      },
    );
    const stopSilence = clock.every(1000, () => this.#endWhenSilent(writer));
    try {
      await followSlotRing({
        name: ringName(ringPrefix, camera, "frames"),
        clock,
        signal,
        onFrame: (lease) => this.#onFrame(lease, writer),
        onReopen: () => {
          this.#lastSequence = undefined;
        },
        onUnavailable: (error) => log.debug({ camera, code: error.code }, "no frames yet"),
      });
    } finally {
      stopSilence();
      this.#endEvents(writer);
      writer.close();
    }
  }

  async #onFrame(lease: Lease, writer: ResultsWriter): Promise<void> {
    const { frame } = lease;
    this.#counts.dropped += this.#lastSequence === undefined ? 0 : Number(frame.sequence - this.#lastSequence) - 1;
    this.#lastSequence = frame.sequence;
    const periodMs = (1000 / this.#options.config.motion.maxFps) * PERIOD_TOLERANCE;
    const last = this.#lastStamp;
    const sinceMs = last === undefined ? periodMs : elapsedMs(last.captureMonoNs, frame.captureMonoNs);
    if (sinceMs >= 0 && sinceMs < periodMs) {
      this.#counts.skipped += 1;
      return;
    }
    this.#isBusy = true;
    try {
      await this.#analyse(lease, writer);
    } catch (error) {
      this.#fault(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #analyse(lease: Lease, writer: ResultsWriter): Promise<void> {
    const { analysis, clock } = this.#options;
    const { frame } = lease;
    const startNs = clock.monoNs();
    const size = analysis.pictureSize(frame.widthPx, frame.heightPx);
    const bytes = size.widthPx * size.heightPx * 3;
    this.#rgb = this.#rgb.length === bytes ? this.#rgb : new Uint8Array(bytes);
    const rgb = frameToRgb(lease.bytes, frame, { ...size, out: this.#rgb });
    const update = await analysis.analyse({ ...size, rgb }, Number(frame.captureMonoNs) / 1e6);
    this.#inferenceMs.add(elapsedMs(startNs, clock.monoNs()));
    this.#counts.inferred += 1;
    this.#lastStamp = stampOf(frame);
    this.#lastFrameNs = clock.monoNs();
    const report = this.#events.take(update, frameReference(frame));
    for (const event of report.events) {
      this.#tell(this.#lastStamp, event, writer);
    }
    if (report.visible !== undefined || frame.captureMonoNs - this.#toldNs >= TELL_AFTER_NS) {
      this.#toldNs = frame.captureMonoNs;
      writer.writeFrame(this.#lastStamp, report.visible ?? []);
    }
    this.#picture(lease, report.visible ?? [], writer);
  }

  #tell(stamp: FrameStamp, report: EventReport, writer: ResultsWriter): void {
    const arrivalToEventMs = writer.writeEvent(stamp, report);
    this.#counts.events += report.phase === "new" ? 1 : 0;
    if (report.phase === "end") {
      this.#snapshots.forget(report.event.id);
    }
    this.#options.onLatency(arrivalToEventMs);
  }

  /** Writes pictures of the events that this frame shows better than any before; one JPEG serves them all. */
  #picture(lease: Lease, tracks: readonly Track[], writer: ResultsWriter): void {
    const { camera, config } = this.#options;
    const { frame } = lease;
    const captureWallUs = Number(frame.captureWallUs);
    let jpeg: Buffer | undefined;
    for (const track of tracks) {
      const eventId = this.#events.eventId(track);
      if (eventId === undefined || !this.#snapshots.isBetter(eventId, track.box, captureWallUs)) {
        continue;
      }
      jpeg ??= encodeJpeg(lease.bytes, frame, config.snapshot);
      const { label, box } = track;
      const widthPx = Math.min(frame.widthPx, config.snapshot.maxWidthPx);
      const heightPx = Math.round((frame.heightPx * widthPx) / frame.widthPx);
      writer.writeSnapshot(stampOf(frame), { camera, eventId, label, captureWallUs, box, widthPx, heightPx }, jpeg);
      this.#counts.snapshots += 1;
      this.#embed(lease, box, eventId, writer);
    }
  }

  /** Lets the thing's part of the frame be embedded when there is time; the frame itself is not held. */
  #embed(lease: Lease, box: Box, eventId: string, writer: ResultsWriter): void {
    const size = this.#options.embedding?.pictureSize;
    const region = regionOfThing(box, lease.frame);
    if (size === undefined || region === undefined) {
      return;
    }
    const rgb = frameToRgb(lease.bytes, lease.frame, { ...size, region });
    const stamp = stampOf(lease.frame);
    const tell = (values: Int8Array, model: EmbeddingModel) => writer.writeEmbedding(stamp, eventId, values, model);
    this.#options.embedding?.offer({ eventId, rgb, tell });
  }

  #endWhenSilent(writer: ResultsWriter): void {
    const { clock, config } = this.#options;
    if (this.#lastFrameNs !== undefined && !this.#isBusy && this.#events.openCount > 0) {
      if (elapsedMs(this.#lastFrameNs, clock.monoNs()) >= config.events.silenceMs) {
        this.#endEvents(writer);
      }
    }
  }

  /** Events that cannot be followed any more end where they were last seen; not counted as latency. */
  #endEvents(writer: ResultsWriter): void {
    const stamp = this.#lastStamp;
    if (stamp === undefined) {
      return;
    }
    this.#options.analysis.forgetTracks();
    const reports = this.#events.endAll();
    for (const report of reports) {
      writer.writeEvent(stamp, report);
      this.#snapshots.forget(report.event.id);
    }
    if (reports.length > 0) {
      writer.writeFrame(stamp, []);
    }
  }

  #fault(error: unknown): void {
    this.#counts.errors += 1;
    this.#lastError = toLanthornError(error).message;
  }

  #tellErrors(): void {
    const { camera, log } = this.#options;
    const fresh = this.#counts.errors - this.#loggedErrors;
    if (fresh > 0) {
      this.#loggedErrors = this.#counts.errors;
      log.warn({ camera, errors: fresh, last: this.#lastError }, "frames could not be analysed");
    }
  }
}

function stampOf(frame: FrameMeta): FrameStamp {
  const { sequence, captureMonoNs, captureWallUs, arrivalMonoNs, pts90k, widthPx, heightPx } = frame;
  return { sequence, captureMonoNs, captureWallUs, arrivalMonoNs, pts90k, widthPx, heightPx };
}
