/**
 * Records one stream of a camera: packets through the cutter into segment files, files through the commit loop into rows.
 * Actions run one after another; a fault ends the segment at its last whole (or last durable) fragment, and recording goes on.
 * Does not read rings (ring-reader.ts) nor delete anything (retention). Source: docs/design/archive.md#writing.
 */
import type { GapCause } from "@lanthorn/contract";
import { archiveErrors } from "../error-codes.ts";
import { CAUSES_OF_REST } from "../gap-causes.ts";
import { GapRows } from "./gap-rows.ts";
import { type MuxStream, sameParameters, streamRows } from "./muxer.ts";
import type { RecorderContext, RecorderState } from "./recorder-context.ts";
import type { Job } from "./recorder-job.ts";
import { type CameraStream, streamNameOf } from "./recording-paths.ts";
import { RecordingTally } from "./recording-tally.ts";
import { type RecoveredSegment, recordedEndOf } from "./recovery.ts";
import { refusalOf, refusalWords } from "./refusal.ts";
import {
  type CutAction,
  type MediaPacket,
  type RecordedEnd,
  SegmentCutter,
  type SegmentStart,
} from "./segment-cutter.ts";
import { SegmentEndings } from "./segment-endings.ts";
import { initBytesOf, openSegment } from "./segment-opening.ts";
import { type GrowingSegment, growingView, SegmentWriter } from "./segment-writer.ts";

/** Packets wait in memory for a slow disk up to here; then the ring is left unread, and its own overrun tells what was lost. */
const QUEUE_MAX_BYTES = 24 * 1024 * 1024;
/** Without a packet for so long, what is held goes to disk although its fragment is not full. */
const FLUSH_AFTER_NS = 1_200_000_000n;

/** Records one stream of a camera. Owner: RecorderFleet. */
export class CameraRecorder {
  readonly of: CameraStream;
  readonly tally: RecordingTally;
  readonly #gaps: GapRows;
  readonly #context: RecorderContext;
  #cutter: SegmentCutter | undefined;
  #streams: readonly MuxStream[] = [];
  #recovered: RecoveredSegment | undefined;
  #recorded: RecordedEnd | undefined;
  #current: SegmentWriter | undefined;
  readonly #endings: SegmentEndings;
  /** Segments whose file could not be synced: dealt with once. */
  readonly #salvaged = new WeakSet<SegmentWriter>();
  #jobs: Job[] = [];
  #queuedBytes = 0;
  #pump: Promise<void> | undefined;
  /** The gap before the current segment; a row once the segment's first fragment is durable. */
  #gapBefore: SegmentStart["gap"];
  #state: RecorderState = "waiting";
  #lastPacketNs: bigint;
  /** End of what is recorded, as far as jobs have been done. */
  #recordedEndWallUs: number | undefined;
  #previousCause: GapCause | undefined;

  constructor(
    of: CameraStream,
    context: RecorderContext,
    before: { recovered?: RecoveredSegment | undefined; recorded?: RecordedEnd | undefined } = {},
  ) {
    this.of = of;
    this.#context = context;
    this.#recovered = before.recovered;
    this.#recorded = before.recorded;
    this.#lastPacketNs = context.clock.monoNs();
    this.tally = new RecordingTally();
    this.#gaps = new GapRows(context, of, this.tally);
    const failed = (writer: SegmentWriter, error: unknown) => this.#add({ type: "salvage", writer, error });
    this.#endings = new SegmentEndings(context, of, failed);
    const cameraRow = context.store.cameras.find(of.camera, of.stream);
    if (cameraRow !== undefined) {
      const gap = context.store.gaps.goingOn(cameraRow);
      this.#recordedEndWallUs = gap?.startWallUs ?? context.store.segments.last(cameraRow)?.endWallUs;
      this.#previousCause = gap?.cause;
    }
  }

  /** The stream's name. */
  get name(): string {
    return streamNameOf(this.of);
  }

  /** What the recording is doing. */
  get state(): RecorderState {
    return this.#state;
  }

  /** Why nothing adjoins what is recorded; undefined while something does. */
  get gapCause(): GapCause | undefined {
    return this.#cutter === undefined ? this.#previousCause : this.#cutter.previous.previousCause;
  }

  /** Whether a segment is open: packets taken now are recorded. */
  get isOpen(): boolean {
    return this.#cutter?.isOpen === true;
  }

  /** Packets dropped while waiting for a key frame. */
  get skippedPackets(): number {
    return this.#cutter?.skippedPackets ?? 0;
  }

  /** The growing segments that playback may use, oldest first. */
  views(): GrowingSegment[] {
    // What a crash left open can be played before the camera is back.
    const recovered = this.#recovered === undefined ? undefined : growingView(this.#recovered);
    return [
      ...(recovered === undefined ? [] : [recovered]),
      ...this.#writers().flatMap((writer) => writer.view() ?? []),
    ];
  }

  #writers(): SegmentWriter[] {
    return [...this.#endings.writers(), ...(this.#current === undefined ? [] : [this.#current])];
  }

  /** Takes the streams' parameters, at a key frame; segments from now on have them. */
  setStreams(described: readonly MuxStream[]): void {
    const streams = this.#usable(described);
    if (this.#cutter !== undefined && sameParameters(streams, this.#streams)) {
      return;
    }
    const previous = this.#cutter;
    if (previous !== undefined) {
      this.#enqueue(previous.end());
    }
    this.#streams = streams;
    const unresumable = this.#recovered?.unfinishedFor(streams);
    this.#cutter = new SegmentCutter({
      recorded: unresumable ?? this.#recorded,
      streams: streamRows(streams),
      segmentMs: this.#context.segmentMs,
      ...(previous?.previous ?? { previousEndWallUs: this.#recordedEndWallUs, previousCause: this.#previousCause }),
    });
    this.#recorded = undefined;
    this.#resume(this.#cutter, streams);
  }

  /** The streams without the sound, should that be what no file can hold: pictures are not given up for it. */
  #usable(streams: readonly MuxStream[]): readonly MuxStream[] {
    const video = streams.filter(({ type }) => type === "video");
    try {
      this.#initOf(streams);
      return streams;
    } catch (error) {
      this.#context.log.warn({ camera: this.name, err: error }, "cannot record all streams; recording the video alone");
      return video.length > 0 ? video : streams;
    }
  }

  /** Takes a packet; a promise means: read no further until it resolves. */
  push(packet: MediaPacket): Promise<void> | undefined {
    this.#lastPacketNs = this.#context.clock.monoNs();
    this.#enqueue(this.#cutter?.push(packet) ?? []);
    return this.#queuedBytes > QUEUE_MAX_BYTES ? this.#pump : undefined;
  }

  /** Says that packets are missing from here on until the next key frame, and why. */
  interrupt(cause: GapCause): void {
    this.#enqueue(this.#cutter?.interrupt(cause) ?? []);
  }

  /** Called a few times a second: writes what waits for packets that stay away, and notices that they do. `idleCause` is asked then. */
  tick(idleCause: () => GapCause): void {
    const { clock, disconnectedAfterMs } = this.#context;
    const quietNs = clock.monoNs() - this.#lastPacketNs;
    if (quietNs > FLUSH_AFTER_NS && this.#cutter?.holdsPackets === true) {
      this.#enqueue(this.#cutter.flush());
    }
    if (quietNs > BigInt(disconnectedAfterMs) * 1_000_000n) {
      if (this.isOpen) {
        this.interrupt(idleCause());
        this.#state = "disconnected";
      }
      this.#giveUpRecovered();
    }
  }

  /** Writes what is held and waits until it is durable. The segment stays open: the next start continues it or closes it. */
  async stop(): Promise<void> {
    this.#enqueue(this.#cutter?.flush() ?? []);
    await this.settled();
    await this.#context.commits.drain();
    await this.settled(); // a failed sync adds a job
    await this.#current?.close();
    await this.#recovered?.file.close();
    // Left only when their rows could not be written: the next start closes them.
    await Promise.all(this.#endings.writers().map((writer) => writer.close()));
  }

  /** Nothing is wanted from an instant on: ends the segment, and a gap begins, or turns into one of this cause. */
  rest(cause: GapCause, fromWallUs: number): void {
    this.interrupt(cause);
    this.#giveUpRecovered(cause);
    const { previousEndWallUs: endUs, previousCause } = this.#cutter?.previous ?? {
      previousEndWallUs: this.#recordedEndWallUs,
      previousCause: this.#previousCause,
    };
    const turnUs = previousCause === cause || endUs === undefined ? endUs : Math.max(endUs, fromWallUs);
    if (previousCause !== cause) {
      this.#cutter?.abandon(turnUs, cause);
    }
    this.#add({ type: "rest", turnUs, cause });
  }

  /** Ends the recording of a stream that is not recorded any more, whatever happens. */
  async retire(cause: GapCause, fromWallUs: number): Promise<void> {
    this.rest(cause, fromWallUs);
    await this.settled();
    await this.#context.commits.drain();
  }

  /** Waits until everything taken so far is written (not: durable). */
  async settled(): Promise<void> {
    while (this.#pump !== undefined) {
      await this.#pump;
    }
  }

  #resume(cutter: SegmentCutter, streams: readonly MuxStream[]): void {
    const recovered = this.#recovered;
    if (recovered === undefined) {
      return;
    }
    const writer = this.#writerOf(recovered, streams);
    if (writer === undefined) {
      this.#giveUpRecovered();
      return;
    }
    this.#recovered = undefined;
    this.#current = writer;
    cutter.resume(recovered.unfinishedFor(streams));
  }

  #writerOf(recovered: RecoveredSegment, streams: readonly MuxStream[]): SegmentWriter | undefined {
    try {
      return this.#initOf(streams).equals(recovered.initBytes)
        ? new SegmentWriter({ ...recovered, streams, makeMuxer: this.#context.makeMuxer })
        : undefined;
    } catch (error) {
      this.#context.log.warn({ camera: this.name, err: error }, "cannot continue the last segment; a new one begins");
      return undefined;
    }
  }

  #initOf(streams: readonly MuxStream[]): Buffer {
    return initBytesOf(this.#context.makeMuxer, streams);
  }

  #giveUpRecovered(cause: GapCause = "service-restart"): void {
    const recovered = this.#recovered;
    if (recovered !== undefined) {
      this.#recovered = undefined;
      this.#recorded = recordedEndOf(recovered);
      this.#recordedEndWallUs = recovered.endWallUs;
      this.#previousCause ??= cause;
      this.#cutter?.abandon(recovered.endWallUs, cause);
      this.#add({ type: "unresumed", recovered, cause });
    }
  }

  #enqueue(actions: readonly CutAction[]): void {
    for (const action of actions) {
      const bytes =
        action.type === "fragment" ? action.packets.reduce((sum, { payload }) => sum + payload.length, 0) : 0;
      this.#add({ type: "action", action, streams: this.#streams, bytes });
    }
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    this.#queuedBytes += job.type === "action" ? job.bytes : 0;
    this.#startPump();
  }

  #startPump(): void {
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined;
      if (this.#jobs.length > 0) {
        this.#startPump(); // added after the last look and before this
      }
    });
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      this.#queuedBytes -= job.type === "action" ? job.bytes : 0;
      try {
        await this.#do(job);
      } catch (error) {
        await this.#refused(error);
      }
    }
  }

  async #do(job: Job): Promise<void> {
    switch (job.type) {
      case "action":
        await this.#act(job.action, job.streams, job.bytes);
        break;
      case "salvage":
        await this.#salvage(job.writer, job.error);
        break;
      case "unresumed":
        await this.#closeUnresumed(job.recovered, job.cause);
        break;
      case "rest":
        this.#state = CAUSES_OF_REST.has(job.cause) ? "resting" : "disconnected";
        this.#recordedEndWallUs = job.turnUs;
        this.#previousCause = job.cause;
        if (job.turnUs !== undefined) {
          this.#gaps.turn(job.turnUs, job.cause);
        }
        break;
    }
  }

  async #act(action: CutAction, streams: readonly MuxStream[], bytes: number): Promise<void> {
    switch (action.type) {
      case "open": {
        const disk = await this.#context.space.place(this.of.camera);
        await this.#needRoom(0, disk);
        this.#current = await openSegment(this.#context, this.of, { ...action.start, disk }, streams);
        this.#gapBefore = action.start.gap;
        break;
      }
      case "fragment":
        await this.#write(action, bytes);
        break;
      case "close":
        await this.#close(action.endWallUs, action.cause);
        break;
    }
  }

  async #write(action: Extract<CutAction, { type: "fragment" }>, bytes: number): Promise<void> {
    const writer = this.#current;
    if (writer === undefined) {
      return; // its segment was given up
    }
    await this.#needRoom(bytes, writer.disk);
    await writer.append(action.packets);
    const count = writer.written;
    const targets = [writer.file, ...writer.directories];
    this.#context.commits.add({
      targets,
      durable: () => {
        const added90k = writer.markDurable(count);
        this.tally.addDurable(writer.info.startWallUs, added90k);
        if (this.#current === writer) {
          this.#state = "recording";
        }
      },
      failed: (error) => this.#add({ type: "salvage", writer, error }),
    });
    if (count === 1) {
      this.#gaps.settle(this.#gapBefore, targets);
    }
    writer.directories = [];
  }

  async #close(endWallUs: number, cause: GapCause | null): Promise<void> {
    const writer = this.#current;
    this.#current = undefined;
    if (writer !== undefined) {
      await this.#finish(writer, endWallUs, cause);
    }
  }

  async #finish(writer: SegmentWriter, endWallUs: number, cause: GapCause | null): Promise<void> {
    await this.#endings.finish(writer, endWallUs, cause);
    this.#recordedEndWallUs = endWallUs;
    if (cause !== null) {
      this.tally.beginGap(endWallUs, cause);
    }
  }

  async #closeUnresumed(recovered: RecoveredSegment, cause: GapCause): Promise<void> {
    const writer = new SegmentWriter({ ...recovered, streams: [], makeMuxer: () => NO_MUXER });
    await this.#finish(writer, writer.endWallUs, cause);
  }

  /** A write failed: the segment ends at its last whole fragment; everything queued after it is given up. */
  async #refused(error: unknown): Promise<void> {
    const writer = this.#current;
    this.#current = undefined;
    const isLost = writer !== undefined && !this.#context.store.disks.isPresent(writer.disk);
    await this.#giveUp(writer, (isLost ? writer.durable : writer?.written) ?? 0, error);
  }

  /** A sync failed: what was written since the last good one may not be there, whatever reads say. */
  async #salvage(writer: SegmentWriter, error: unknown): Promise<void> {
    if (this.#salvaged.has(writer)) {
      return;
    }
    this.#salvaged.add(writer);
    const meant = this.#endings.meant(writer);
    if (writer === this.#current) {
      this.#current = undefined;
      await this.#giveUp(writer, writer.durable, error);
    } else if (meant !== undefined) {
      // What this one lost is a gap before the next segment, or, when nothing is wanted since, before the gap that goes on.
      this.#endings.forget(writer);
      const startWallUs = writer.endWallUsOf(writer.durable);
      const gap = { startWallUs, endWallUs: meant.endWallUs, cause: refusalOf(error) };
      const isNewest = this.#writers().every(({ info }) => info.segmentId < writer.info.segmentId);
      await this.#endings.keep(writer, writer.durable, isNewest ? meant.cause : null);
      this.#gaps.insert(gap);
      if (isNewest && meant.cause !== null && writer.durable === 0) {
        this.#gaps.begin(meant.endWallUs, meant.cause); // the row that was to begin it is gone
      }
    }
  }

  async #giveUp(writer: SegmentWriter | undefined, count: number, error: unknown): Promise<void> {
    const cause = refusalOf(error);
    this.#jobs = this.#jobs.filter(({ type }) => type !== "action");
    this.#queuedBytes = 0;
    // Before any await: packets that come meanwhile must not count on what is given up here.
    const keptEndUs = writer !== undefined && count > 0 ? writer.endWallUsOf(count) : this.#recordedEndWallUs;
    this.#cutter?.abandon(keptEndUs, cause);
    if (this.#state !== cause) {
      this.#state = cause;
      this.#context.log.error(
        { camera: this.name, err: error },
        refusalWords(error, writer?.file.key ?? this.#context.stateDir),
      );
    }
    if (writer !== undefined) {
      if (cause === "disk-error") {
        this.#context.space.failed(writer.disk);
      }
      await this.#endings.keep(writer, count, null);
    }
    this.#recordedEndWallUs = keptEndUs;
    if (keptEndUs !== undefined) {
      this.#gaps.begin(keptEndUs, cause);
    }
  }

  async #needRoom(bytes: number, disk: number): Promise<void> {
    const { space } = this.#context;
    if (!(await space.admit(bytes, disk))) {
      throw archiveErrors.make("ARCHIVE_DISK_FULL", space.words(disk));
    }
  }
}

const NO_MUXER = { initSegment: () => Buffer.alloc(0), fragment: () => Buffer.alloc(0), close: () => {} };
