/** One log of previews for each camera of the registry, and what keeps their files in order. Source: docs/design/archive.md#previews. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { elapsedMs, type Module } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import type { CameraDirectory } from "@lanthorn/registry";
import type { CommitLoop } from "../recording/commit-loop.ts";
import { type PreviewCounts, PreviewLog, type PreviewLogContext } from "./preview-log.ts";
import { dayOfPreviewFile, previewsDirOf } from "./preview-paths.ts";
import { prunePreviews } from "./preview-pruning.ts";

/** How often it is looked whether the moment of a picture is recorded by now, milliseconds. */
const SETTLE_MS = 2000;
/** How long written pictures may stay unsynced, milliseconds: the kernel itself writes them back after 30 s (vm.dirty_expire_centisecs). */
const SYNC_MS = 30_000;
/** How often days without footage are looked for, and what could not be kept is told, milliseconds. */
const TIDY_MS = 60_000;
/** Days looked into at start: a power cut around midnight leaves two unsynced. */
const RECOVERED_DAYS = 2;

/** What the fleet needs. */
export interface PreviewFleetOptions extends PreviewLogContext {
  readonly stateDir: string;
  readonly directory: CameraDirectory;
  readonly commits: CommitLoop;
  /** Whether anything is recorded of a camera in [fromUs, toUs). */
  readonly hasFootage: (camera: CameraId, fromUs: number, toUs: number) => boolean;
}

/** The previews of all cameras. */
export class PreviewFleet implements Module {
  readonly name = "previews";
  readonly #options: PreviewFleetOptions;
  readonly #logs = new Map<CameraId, PreviewLog>();
  readonly #retiring = new Set<Promise<void>>();
  #stops: (() => void)[] = [];
  #work: Promise<void> = Promise.resolve();
  #syncedNs = 0n;
  #toldFailed = 0;

  constructor(options: PreviewFleetOptions) {
    this.#options = options;
  }

  /** Begins. Files are brought in order before the first picture is written, but nobody waits for it: recording goes first. */
  start(): void {
    const { clock, directory } = this.#options;
    this.#syncedNs = clock.monoNs();
    void this.#do(() => this.#recover());
    this.#follow();
    this.#stops = [
      directory.onChange(() => this.#follow()),
      clock.every(SETTLE_MS, () => this.#do(() => this.#settle())),
      clock.every(TIDY_MS, () => this.#do(() => this.#tidy())),
    ];
  }

  /** Keeps what can be kept, syncs and closes. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
    await this.#work;
    await Promise.all([...this.#logs.values()].map((log) => log.stop()));
    await Promise.all(this.#retiring);
    this.#logs.clear();
    await this.#options.packs.close();
  }

  /** Counters of each camera since start. */
  rows(): (PreviewCounts & { readonly id: CameraId })[] {
    return [...this.#logs.values()].map((log) => ({ id: log.camera, ...log.counts }));
  }

  /** One piece of work after another; a fault is told and the next goes on. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, "cannot keep previews in order");
    });
    return this.#work;
  }

  #follow(): void {
    const { directory } = this.#options;
    const enabled = new Set(directory.cameras().flatMap((camera) => (camera.enabled ? [camera.id] : [])));
    for (const [camera, log] of this.#logs) {
      if (!enabled.has(camera)) {
        this.#logs.delete(camera);
        const retired = this.#do(() => log.stop());
        this.#retiring.add(retired);
        void retired.finally(() => this.#retiring.delete(retired));
      }
    }
    for (const camera of enabled) {
      if (!this.#logs.has(camera)) {
        const log = new PreviewLog(camera, this.#options);
        this.#logs.set(camera, log);
        log.start();
      }
    }
  }

  async #settle(): Promise<void> {
    const { clock, commits, packs } = this.#options;
    for (const log of this.#logs.values()) {
      await log.settle();
    }
    if (elapsedMs(this.#syncedNs, clock.monoNs()) >= SYNC_MS) {
      this.#syncedNs = clock.monoNs();
      const entry = packs.unsynced();
      if (entry !== undefined) {
        commits.add(entry);
      }
    }
  }

  /** The newest days of every camera, whether it is registered or not. */
  async #recover(): Promise<void> {
    const { log, packs, stateDir } = this.#options;
    for (const name of await readdir(previewsDirOf(stateDir)).catch(() => [])) {
      const camera = CameraId.safeParse(name);
      if (!camera.success) {
        continue;
      }
      const files = await readdir(join(previewsDirOf(stateDir), name)).catch(() => []);
      const days = new Set(files.map(dayOfPreviewFile).filter((day) => day !== undefined));
      for (const day of [...days].sort((a, b) => a - b).slice(-RECOVERED_DAYS)) {
        await packs.recover(camera.data, day);
      }
      await packs.release(camera.data);
    }
    if (packs.recovered.cutBytes > 0 || packs.recovered.rebuilt > 0) {
      log.info({ ...packs.recovered }, "previews brought in order");
    }
  }

  async #tidy(): Promise<void> {
    const { clock, hasFootage, log, stateDir } = this.#options;
    const failed = this.rows().reduce((sum, row) => sum + row.failed, 0);
    const fault = [...this.#logs.values()].map(({ lastFault }) => lastFault).find((error) => error !== undefined);
    if (failed > this.#toldFailed) {
      const count = failed - this.#toldFailed;
      log.warn({ count, err: fault }, `${count} previews were not kept`);
    }
    this.#toldFailed = failed;
    await prunePreviews({ stateDir, nowUs: clock.wallUs(), hasFootage });
  }
}
