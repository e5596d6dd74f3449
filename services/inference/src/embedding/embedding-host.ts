/**
 * Embeds the best pictures of events when detection leaves time: what an event looks like, so that others like it can be found.
 * Does: load the pack, hold the queue, run. Does not: choose pictures (events/snapshot-choice.ts), write records.
 */
import { type Clock, elapsedMs, isAborted, type Log, type Module } from "@lanthorn/base";
import { type EmbeddingModel, quantizeEmbedding } from "@lanthorn/contract";
import { EmbeddingDecoder } from "../decoders/embedding/decoder.ts";
import { inferenceErrors } from "../error-codes.ts";
import { openCpuExecutor } from "../executors/cpu/executor.ts";
import type { Executor } from "../executors/executor.ts";
import type { ModelRow } from "../model-host.ts";
import { loadPack } from "../packs/load-pack.ts";
import { type EmbeddingManifest, embeddingManifest } from "../packs/manifest.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";

/** What a host needs. */
export interface EmbeddingHostOptions {
  /** Folder of the pack. */
  readonly folder: string;
  /** Whose requests go first. */
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly log: Log;
}

/** A picture to be embedded. */
export interface EmbeddingJob {
  readonly eventId: string;
  /** Of pictureSize; u8 [heightPx, widthPx, 3] RGB. Owner: the host. */
  readonly rgb: Uint8Array;
  /** Told the outcome: int8 values. */
  readonly tell: (values: Int8Array, model: EmbeddingModel) => void;
}

/** What was done so far. */
export interface EmbeddingCounts {
  readonly embedded: number;
  /** Pictures that were replaced by better ones, or by newer events when the queue was full, before their turn came. */
  readonly dropped: number;
  readonly errors: number;
  readonly lastError: string | null;
}

/** Pictures that wait, at most; then the oldest is dropped. */
const QUEUE_MAX = 32;
/** Detection goes first for so long; then a picture's turn has come all the same, milliseconds. */
const PATIENCE_MS = 1000;
const LOOK_AGAIN_MS = 5;

/** A loaded embedding pack with its queue. */
export class EmbeddingHost implements Module {
  readonly name = "embedding";
  readonly #options: EmbeddingHostOptions;
  readonly #stopping = new AbortController();
  readonly #queue = new Map<string, EmbeddingJob>();
  #loaded:
    | { readonly manifest: EmbeddingManifest; readonly decoder: EmbeddingDecoder; readonly executor: Executor }
    | undefined;
  #running: Promise<void> | undefined;
  #counts: EmbeddingCounts = { embedded: 0, dropped: 0, errors: 0, lastError: null };

  constructor(options: EmbeddingHostOptions) {
    this.#options = options;
  }

  /** Throws: MODEL_PACK_MISSING, MODEL_PACK_INVALID, MODEL_PACK_HASH, MODEL_UNLOADABLE, MODEL_MISMATCH, MODEL_TASK. */
  async start(): Promise<void> {
    const pack = await loadPack(this.#options.folder);
    const manifest = embeddingManifest(pack.manifest);
    const { name } = manifest;
    const decoder = new EmbeddingDecoder(manifest);
    const executor = await openCpuExecutor({ name, model: pack.model });
    this.#loaded = { manifest, decoder, executor };
    const { heightPx, widthPx } = decoder.pictureSize;
    const inputs = decoder.inputs({ widthPx, heightPx, rgb: new Uint8Array(widthPx * heightPx * 3).fill(128) });
    const [expected, actual] = [Object.keys(inputs).join(", "), executor.inputNames.join(", ")];
    if (expected !== actual) {
      throw inferenceErrors.make("MODEL_MISMATCH", { name, what: "inputs", expected, actual });
    }
    decoder.decode(await executor.run(inputs));
    this.#options.log.info(this.row(), "model loaded");
  }

  /** What still waits is dropped. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#queue.clear();
    await this.#running;
    await this.#loaded?.executor.close();
    this.#loaded = undefined;
  }

  /** What is loaded; undefined before start. */
  row(): ModelRow | undefined {
    if (this.#loaded === undefined) {
      return undefined;
    }
    const { executor, manifest } = this.#loaded;
    const { licence, name, task, version } = manifest;
    return { name, version, task, licence, executionProvider: executor.provider };
  }

  /** What was done so far. */
  counts(): EmbeddingCounts {
    return this.#counts;
  }

  /** The size at which pictures are wanted; undefined while no pack is loaded. */
  get pictureSize(): { readonly widthPx: number; readonly heightPx: number } | undefined {
    return this.#loaded?.decoder.pictureSize;
  }

  /** Puts a picture into the queue, instead of an earlier one of its event. */
  offer(job: EmbeddingJob): void {
    const oldest = this.#queue.size >= QUEUE_MAX ? this.#queue.keys().next().value : undefined;
    const replaced = this.#queue.has(job.eventId) ? job.eventId : oldest;
    if (replaced !== undefined) {
      this.#queue.delete(replaced);
      this.#counts = { ...this.#counts, dropped: this.#counts.dropped + 1 };
    }
    this.#queue.set(job.eventId, job);
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.entries().next(); !next.done; next = this.#queue.entries().next()) {
      try {
        await this.#letDetectionPass();
        const [eventId, job] = this.#queue.entries().next().value ?? next.value; // a better one may have come
        this.#queue.delete(eventId);
        await this.#embed(job);
      } catch (error) {
        if (isAborted(error)) {
          return;
        }
        const { errors } = this.#counts;
        this.#counts = { ...this.#counts, errors: errors + 1, lastError: (error as Error).message };
        if (errors === 0) {
          this.#options.log.warn(
            { err: error },
            "a picture of an event could not be embedded; further ones are counted",
          );
        }
      }
    }
  }

  async #letDetectionPass(): Promise<void> {
    const { clock, scheduler } = this.#options;
    const sinceNs = clock.monoNs();
    while (scheduler.isBusy && elapsedMs(sinceNs, clock.monoNs()) < PATIENCE_MS) {
      await clock.sleep(LOOK_AGAIN_MS, this.#stopping.signal);
    }
  }

  async #embed({ rgb, tell }: EmbeddingJob): Promise<void> {
    if (this.#loaded === undefined || this.#stopping.signal.aborted) {
      return;
    }
    const { decoder, executor, manifest } = this.#loaded;
    const values = quantizeEmbedding(
      decoder.decode(await executor.run(decoder.inputs({ ...decoder.pictureSize, rgb }))),
    );
    if (values !== undefined && !this.#stopping.signal.aborted) {
      tell(values, { name: manifest.name, version: manifest.version });
      this.#counts = { ...this.#counts, embedded: this.#counts.embedded + 1 };
    }
  }
}
