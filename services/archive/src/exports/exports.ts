/**
 * Exports of this archive: the queue, a few workers at once, what is asked and answered. Rows say what is true; files follow them in an order
 * that a power cut cannot break. Source: docs/design/archive.md#exports.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import type { Clock, Log, Module } from "@lanthorn/base";
import type { CameraId, CreateExport, Export, ExportKey, ExportList, StreamName } from "@lanthorn/contract";
import { archiveErrors } from "../error-codes.ts";
import type { PlayableSegment } from "../playback/recording-plan.ts";
import { directoryTarget } from "../recording/durable-file.ts";
import type { GrowingSegment } from "../recording/segment-writer.ts";
import type { ExportRow } from "../store/export-table.ts";
import type { Store } from "../store/store.ts";
import { exportsDirOf, signingKeyFileOf } from "./export-paths.ts";
import { type RunningWorker, startWorker, type WorkerEnding } from "./export-process.ts";
import { removeExportFiles, settleFolders } from "./export-recovery.ts";
import { ensureSigningKey, publicPart } from "./handing-over/signing-key.ts";
import { LocalTime } from "./local-time.ts";
import type { ExportJob } from "./worker/job-messages.ts";

/** What exports are made with. */
export interface ExportsOptions {
  readonly store: Store;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Workers at once. */
  readonly concurrent: number;
  /** Most bytes of all exports; 0: a fifth of the disk. */
  readonly maxBytes: number;
  /** Makes room for what will be asked for bit by bit later. */
  readonly provide: (bytes: number) => Promise<boolean>;
  readonly admit: (bytes: number) => Promise<boolean>;
  readonly diskBytes: () => number;
  readonly growing: (camera: string, stream: StreamName) => readonly GrowingSegment[];
  readonly cameraNames: () => ReadonlyMap<CameraId, string>;
}

/** A worker that vanishes (killed for memory, say) is started again so often. */
const ATTEMPTS_MAX = 3;
/** Beside the footage: manifest, verifier and what MP4 says of the samples. */
const OVERHEAD_BYTES = 4 * 1024 * 1024;
/** Pictures encoded again are about as large as the camera made them; at most so much larger. */
const BURNED_FACTOR = 1.5;

interface Running {
  readonly worker: RunningWorker;
  readonly startedMonoNs: bigint;
  startProgress01: number | undefined;
  progress01: number;
  bytes: number;
}

/** Exports. */
export class Exports implements Module {
  readonly name = "exports";
  readonly #options: ExportsOptions;
  readonly #running = new Map<string, Running>();
  readonly #attempts = new Map<string, number>();
  #key: ExportKey | undefined;
  #isStopping = false;

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  /** Settles what a kill left, then goes on with what was queued or running. */
  async start(): Promise<void> {
    const { stateDir, store, log } = this.#options;
    await mkdir(exportsDirOf(stateDir), { recursive: true, mode: 0o750 });
    await directoryTarget(stateDir).sync();
    await settleFolders({ stateDir, store, log });
    this.#key = publicPart(await ensureSigningKey(signingKeyFileOf(stateDir)));
    this.#startMore();
  }

  /** Ends the workers; their exports stay running and go on after the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const workers = [...this.#running.values()].map(({ worker }) => worker);
    for (const worker of workers) {
      worker.kill();
    }
    await Promise.all(workers.map(({ ended }) => ended));
  }

  /** Who signs manifests. */
  get key(): ExportKey {
    return this.#key as ExportKey;
  }

  /** Bytes of finished exports. */
  get totalBytes(): number {
    return this.#options.store.exports.all().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get #limitBytes(): number {
    return this.#options.maxBytes > 0 ? this.#options.maxBytes : Math.floor(this.#options.diskBytes() / 5);
  }

  /**
   * Queues an export. Throws: ARCHIVE_CAMERA_UNKNOWN, ARCHIVE_NOTHING_RECORDED, ARCHIVE_EXPORT_QUOTA, ARCHIVE_EXPORT_DISK_FULL.
   */
  async create(asked: CreateExport): Promise<Export> {
    const { clock, store } = this.#options;
    const nowUs = clock.wallUs();
    const toUs = Math.min(asked.toUs, nowUs);
    const expectedBytes = this.#estimate({ ...asked, toUs });
    const takenBytes = this.totalBytes + [...this.#running.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    if (takenBytes + expectedBytes > this.#limitBytes) {
      throw archiveErrors.make("ARCHIVE_EXPORT_QUOTA", { expectedBytes, takenBytes, limitBytes: this.#limitBytes });
    }
    const uuid = randomUUID();
    const { cameras, stream, fromUs, mode, options } = asked;
    const name = asked.name ?? this.#nameOf(asked);
    store.transaction(() =>
      store.exports.add({ uuid, name, cameras, stream, fromUs, toUs, mode, options, createdWallUs: nowUs }),
    );
    // The row first: from now on retention keeps its footage, also while it makes room for the export.
    if (!(await this.#options.provide(expectedBytes))) {
      store.transaction(() => store.exports.remove(uuid));
      throw archiveErrors.make("ARCHIVE_EXPORT_DISK_FULL", { bytes: expectedBytes });
    }
    this.#startMore();
    return this.find(uuid);
  }

  /** One export. Throws: ARCHIVE_EXPORT_UNKNOWN. */
  find(uuid: string): Export {
    return this.#viewOf(this.row(uuid));
  }

  /** One export as it is stored. Throws: ARCHIVE_EXPORT_UNKNOWN. */
  row(uuid: string): ExportRow {
    const row = this.#options.store.exports.find(uuid);
    if (row === undefined) {
      throw archiveErrors.make("ARCHIVE_EXPORT_UNKNOWN", { export: uuid });
    }
    return row;
  }

  /** Newest first. */
  list(before: number | undefined, limit: number): ExportList {
    const { store } = this.#options;
    const { rows, next } = store.exports.page(before, limit);
    const running = this.#running.size;
    const exports = rows.map((row) => this.#viewOf(row));
    const queued = store.exports.all().filter(({ state }) => state === "queued").length;
    return { exports, next, totalBytes: this.totalBytes, limitBytes: this.#limitBytes, running, queued };
  }

  /** Ends an export that is not done; nothing stays of it but its row. Throws: ARCHIVE_EXPORT_UNKNOWN, ARCHIVE_EXPORT_ENDED. */
  async cancel(uuid: string): Promise<Export> {
    const { stateDir } = this.#options;
    const { state } = this.row(uuid);
    if (state !== "queued" && state !== "running") {
      throw archiveErrors.make("ARCHIVE_EXPORT_ENDED", { export: uuid, state });
    }
    this.#end(uuid, { state: "cancelled", files: [], errorCode: null, errorMessage: null });
    const running = this.#running.get(uuid);
    running?.worker.kill();
    await running?.worker.ended;
    await removeExportFiles(stateDir, uuid);
    return this.find(uuid);
  }

  /** Deletes an export, whatever its state. Throws: ARCHIVE_EXPORT_UNKNOWN. */
  async remove(uuid: string): Promise<void> {
    const { stateDir, store } = this.#options;
    const { state } = this.row(uuid);
    if (state === "queued" || state === "running") {
      await this.cancel(uuid);
    }
    await removeExportFiles(stateDir, uuid);
    store.transaction(() => store.exports.remove(uuid));
  }

  #estimate({ cameras, stream, fromUs, toUs, mode }: CreateExport): number {
    const { store, growing } = this.#options;
    let bytes = OVERHEAD_BYTES;
    let found = 0;
    for (const camera of cameras) {
      const cameraRow = store.cameras.find(camera, stream);
      if (cameraRow === undefined) {
        throw archiveErrors.make("ARCHIVE_CAMERA_UNKNOWN", { camera });
      }
      const closed = store.exports.sourceTotals(cameraRow, fromUs, toUs);
      const grown = growing(camera, stream).filter(
        ({ startWallUs, endWallUs }) => startWallUs < toUs && endWallUs > fromUs,
      );
      found += closed.durationUs + grown.length;
      bytes += closed.bytes + grown.reduce((sum, { mediaBytes }) => sum + mediaBytes, 0);
    }
    if (found === 0) {
      throw archiveErrors.make("ARCHIVE_NOTHING_RECORDED", { camera: cameras.join(", "), fromUs, toUs, hint: "" });
    }
    return Math.ceil(mode === "original" ? bytes * 1.01 : bytes * BURNED_FACTOR);
  }

  #nameOf({ cameras, fromUs, options }: CreateExport): string {
    const names = this.#options.cameraNames();
    const shown = cameras.map((id) => names.get(id) ?? id).join(", ");
    return `${shown}, ${new LocalTime(options.timeZone).dateAndTime(fromUs)}`.slice(0, 200);
  }

  #startMore(): void {
    const { store, concurrent, log } = this.#options;
    for (const row of store.exports.unfinished()) {
      if (this.#isStopping || this.#running.size >= concurrent) {
        return;
      }
      if (!this.#running.has(row.uuid)) {
        this.#run(row).catch((error: unknown) =>
          log.error({ err: error, export: row.uuid }, "an export was left alone"),
        );
      }
    }
  }

  async #run(row: ExportRow): Promise<void> {
    const { clock, log, store } = this.#options;
    const { uuid } = row;
    store.transaction(() => store.exports.begin(uuid));
    this.#attempts.set(uuid, (this.#attempts.get(uuid) ?? 0) + 1);
    const worker = startWorker(this.#jobOf(row), {
      log,
      admit: this.#options.admit,
      progress: ({ progress01, bytes, isDurable }) => this.#progress(uuid, { progress01, bytes, isDurable }),
    });
    this.#running.set(uuid, {
      worker,
      startedMonoNs: clock.monoNs(),
      startProgress01: undefined,
      progress01: row.progress01,
      bytes: 0,
    });
    const ending = await worker.ended;
    this.#running.delete(uuid);
    if (!this.#isStopping) {
      await this.#settle(uuid, ending);
      this.#startMore();
    }
  }

  #progress(uuid: string, told: { progress01: number; bytes: number; isDurable: boolean }): void {
    const { store } = this.#options;
    const running = this.#running.get(uuid);
    if (running === undefined) {
      return;
    }
    running.startProgress01 ??= told.progress01;
    running.progress01 = Math.max(running.progress01, told.progress01);
    running.bytes = told.bytes;
    if (told.isDurable) {
      store.transaction(() => store.exports.progress(uuid, running.progress01));
    }
  }

  async #settle(uuid: string, ending: WorkerEnding): Promise<void> {
    const { log, stateDir, store } = this.#options;
    if (store.exports.find(uuid)?.state !== "running") {
      return; // cancelled meanwhile
    }
    if (ending.kind === "done") {
      this.#end(uuid, { state: "done", files: ending.files, errorCode: null, errorMessage: null });
      log.info({ export: uuid, files: ending.files.length }, "export done");
      return;
    }
    if (ending.kind === "vanished" && (this.#attempts.get(uuid) ?? 0) < ATTEMPTS_MAX) {
      log.warn({ export: uuid, how: ending.how }, "an export's worker vanished; starting it again");
      return;
    }
    const error =
      ending.kind === "failed"
        ? ending
        : archiveErrors.make("ARCHIVE_EXPORT_WORKER_ENDED", { how: ending.how, attempts: ATTEMPTS_MAX });
    this.#end(uuid, { state: "failed", files: [], errorCode: error.code, errorMessage: error.message });
    log.warn({ export: uuid, code: error.code }, error.message);
    await removeExportFiles(stateDir, uuid);
  }

  #end(uuid: string, ending: Pick<ExportRow, "state" | "files" | "errorCode" | "errorMessage">): void {
    const { clock, store } = this.#options;
    const bytes = ending.files.reduce((sum, file) => sum + file.bytes, 0);
    store.transaction(() => store.exports.end(uuid, { ...ending, bytes, finishedWallUs: clock.wallUs() }));
    this.#attempts.delete(uuid);
  }

  #jobOf(row: ExportRow): ExportJob {
    const { stateDir, growing, cameraNames } = this.#options;
    const { uuid, name, stream, fromUs, toUs, mode, options, createdWallUs } = row;
    const names = cameraNames();
    const asPlayable = (segment: GrowingSegment): PlayableSegment => ({ ...segment, isGrowing: true });
    const cameras = row.cameras.map((id) => ({
      id,
      name: names.get(id as CameraId) ?? id,
      growing: growing(id, stream).map(asPlayable),
    }));
    return { stateDir, uuid, name, cameras, stream, fromUs, toUs, mode, options, createdWallUs, box: hostname() };
  }

  #viewOf(row: ExportRow): Export {
    const running = this.#running.get(row.uuid);
    const { uuid, name, stream, fromUs, toUs, mode, options, state, files, errorCode, errorMessage } = row;
    return {
      id: uuid,
      ...{ name, stream, fromUs, toUs, mode, options, state },
      cameras: row.cameras as CameraId[],
      progress01: state === "running" ? Math.max(row.progress01, running?.progress01 ?? 0) : row.progress01,
      bytes: state === "running" ? (running?.bytes ?? 0) : row.bytes,
      remainingS: running === undefined || state !== "running" ? null : this.#remainingS(running),
      files: [...files],
      error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" },
      createdUs: row.createdWallUs,
      finishedUs: row.finishedWallUs,
    };
  }

  /** By the speed so far: what an earlier attempt had done does not count. */
  #remainingS({ startedMonoNs, startProgress01, progress01 }: Running): number | null {
    const elapsedS = Number(this.#options.clock.monoNs() - startedMonoNs) / 1e9;
    const made01 = progress01 - (startProgress01 ?? progress01);
    return made01 <= 0 ? null : Math.ceil((elapsedS * (1 - progress01)) / made01);
  }
}
