/** Loads a pack, opens its executor and proves on an empty picture that both belong together, before any camera needs it. */
import type { Log, Module } from "@lanthorn/base";
import { Analysis } from "./analysis.ts";
import { MotionDecoder } from "./decoders/motion/decoder.ts";
import { inferenceErrors } from "./error-codes.ts";
import { openCpuExecutor } from "./executors/cpu/executor.ts";
import type { Executor } from "./executors/executor.ts";
import { loadPack } from "./packs/load-pack.ts";
import { type MotionManifest, motionManifest } from "./packs/manifest.ts";
import type { Scheduler } from "./scheduler/scheduler.ts";
import type { EventIds } from "./tracking/event-id.ts";
import { Tracker } from "./tracking/tracker.ts";
import type { TrackerOptions } from "./tracking/tracker-options.ts";

/** What a host needs. */
export interface ModelHostOptions {
  readonly folder: string;
  readonly scheduler: Scheduler;
  readonly tracker: TrackerOptions;
  readonly log: Log;
}

/** A model in the status: what runs where. */
export interface ModelRow {
  readonly name: string;
  readonly version: string;
  readonly task: string;
  readonly licence: string;
  readonly executionProvider: string;
}

/** A model ready for cameras. */
export class ModelHost implements Module {
  readonly name = "model";
  readonly #options: ModelHostOptions;
  #loaded: { readonly manifest: MotionManifest; readonly executor: Executor } | undefined;

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  /** Throws: MODEL_PACK_MISSING, MODEL_PACK_INVALID, MODEL_PACK_HASH, MODEL_UNLOADABLE, MODEL_MISMATCH, MODEL_TASK. */
  async start(): Promise<void> {
    const pack = await loadPack(this.#options.folder);
    const manifest = motionManifest(pack.manifest);
    const executor = await openCpuExecutor({ name: manifest.name, model: pack.model });
    this.#loaded = { manifest, executor };
    await proveMatch(manifest, executor);
    this.#options.log.info(this.row(), "model loaded");
  }

  async stop(): Promise<void> {
    await this.#loaded?.executor.close();
    this.#loaded = undefined;
  }

  /** What is loaded; undefined before start. */
  row(): ModelRow | undefined {
    const loaded = this.#loaded;
    if (loaded === undefined) {
      return undefined;
    }
    const { licence, name, task, version } = loaded.manifest;
    return { name, version, task, licence, executionProvider: loaded.executor.provider };
  }

  /** The model's name. Throws: MODEL_MISMATCH before start. */
  get modelName(): string {
    return this.#need().manifest.name;
  }

  /** A new analysis of one camera, sharing the loaded model. */
  makeAnalysis(ids: EventIds, wallUs: () => number): Analysis {
    const { executor, manifest } = this.#need();
    return new Analysis({
      run: (inputs) => this.#options.scheduler.infer(executor, inputs),
      decoder: new MotionDecoder(manifest),
      tracker: new Tracker(() => ids.next(wallUs()), this.#options.tracker),
    });
  }

  #need(): { readonly manifest: MotionManifest; readonly executor: Executor } {
    if (this.#loaded === undefined) {
      const name = this.#options.folder;
      throw inferenceErrors.make("MODEL_MISMATCH", { name, what: "a model", expected: "loaded", actual: "none" });
    }
    return this.#loaded;
  }
}

async function proveMatch(manifest: MotionManifest, executor: Executor): Promise<void> {
  const decoder = new MotionDecoder(manifest);
  const size = decoder.pictureSize(16, 9);
  const inputs = decoder.inputs({ ...size, rgb: new Uint8Array(size.widthPx * size.heightPx * 3) }, 0);
  const expected = Object.keys(inputs).toSorted().join(", ");
  const actual = executor.inputNames.toSorted().join(", ");
  if (expected !== actual) {
    throw inferenceErrors.make("MODEL_MISMATCH", { name: manifest.name, what: "inputs", expected, actual });
  }
  decoder.decode(await executor.run(inputs));
}
