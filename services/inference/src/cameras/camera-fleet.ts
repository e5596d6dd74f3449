/** Keeps one worker for each enabled camera, as the registry says. */
import type { Module, Progress } from "@lanthorn/base";
import type { Camera } from "@lanthorn/contract";
import type { CameraCounts, CameraWorker } from "./camera-worker.ts";

/** Where the cameras are listed. */
export interface CameraList {
  cameras(): readonly Camera[];
  /** Calls back after a change until the returned function is called. */
  onChange(callback: () => void): () => void;
}

/** A camera's row in the status. */
export interface CameraRow extends CameraCounts {
  readonly id: Camera["id"];
  readonly inferenceMs: { readonly p50: number; readonly p95: number };
}

/** Starts and stops workers with their cameras. */
export class CameraFleet implements Module {
  readonly name = "cameras";
  readonly progress: Progress;
  readonly #list: CameraList;
  readonly #makeWorker: (camera: Camera["id"]) => CameraWorker;
  readonly #workers = new Map<Camera["id"], CameraWorker>();
  readonly #ending = new Map<Camera["id"], Promise<void>>();
  #isStopped = false;
  #stopListening: () => void = () => {};

  constructor(list: CameraList, makeWorker: (camera: Camera["id"]) => CameraWorker) {
    this.#list = list;
    this.#makeWorker = makeWorker;
    this.progress = {
      count: () => this.rows().reduce((sum, row) => sum + row.framesInferred + row.errors, 0),
      // Nothing in work means waiting for frames: a camera may rightly give none.
      isIdle: () => [...this.#workers.values()].every((worker) => !worker.isBusy),
    };
  }

  start(): void {
    this.#stopListening = this.#list.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopListening();
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    await Promise.all(this.#ending.values());
    this.#workers.clear();
  }

  /** What every camera's worker did. */
  rows(): CameraRow[] {
    return [...this.#workers].map(([id, worker]) => ({ id, ...worker.counts(), inferenceMs: worker.inferenceMs() }));
  }

  #reconcile(): void {
    if (this.#isStopped) {
      return;
    }
    const wanted = new Set(
      this.#list
        .cameras()
        .filter((camera) => camera.enabled)
        .map((camera) => camera.id),
    );
    for (const [id, worker] of this.#workers) {
      if (!wanted.has(id)) {
        this.#workers.delete(id);
        this.#ending.set(
          id,
          worker.stop().finally(() => {
            this.#ending.delete(id);
            this.#reconcile(); // it may have been enabled again meanwhile
          }),
        );
      }
    }
    for (const id of wanted) {
      if (!this.#workers.has(id) && !this.#ending.has(id)) {
        const worker = this.#makeWorker(id);
        this.#workers.set(id, worker);
        worker.start();
      }
    }
  }
}
