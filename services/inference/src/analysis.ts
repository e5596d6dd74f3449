/** One camera's way from picture to things: model, decoder, tracker. The service and the evaluation run this same code. */
import type { Decoder, ModelPicture } from "./decoders/decoder.ts";
import type { Tensors } from "./executors/executor.ts";
import type { Tracker, TrackerUpdate } from "./tracking/tracker.ts";

/** Longest pause that is still the same scene; after it the model starts anew, milliseconds. */
const FORGET_AFTER_MS = 600_000;
/** While the model gets to know the scene nothing is tracked: what stood there at first leaves traces, milliseconds. */
const SETTLE_MS = 2000;

/** The parts of a camera's analysis. */
export interface AnalysisParts {
  /** Runs the model: an executor, or a scheduler before it. */
  readonly run: (inputs: Tensors) => Promise<Tensors>;
  readonly decoder: Decoder;
  readonly tracker: Tracker;
}

/** Analyses the frames of one camera, in order, one at a time. */
export class Analysis {
  readonly #parts: AnalysisParts;
  #lastMs: number | undefined;
  #settledMs = 0;

  constructor(parts: AnalysisParts) {
    this.#parts = parts;
  }

  /** The size at which `analyse` wants pictures. */
  pictureSize(widthPx: number, heightPx: number): { readonly widthPx: number; readonly heightPx: number } {
    return this.#parts.decoder.pictureSize(widthPx, heightPx);
  }

  /** Takes the next picture. Units: captureMs on the camera's monotonic capture clock. Throws: MODEL_RUN_FAILED. */
  async analyse(picture: ModelPicture, captureMs: number): Promise<TrackerUpdate> {
    const { decoder, run, tracker } = this.#parts;
    const elapsedMs = this.#lastMs === undefined ? 0 : Math.max(0, captureMs - this.#lastMs);
    if (this.#lastMs === undefined || elapsedMs > FORGET_AFTER_MS) {
      decoder.reset();
      this.#settledMs = captureMs + SETTLE_MS;
    }
    const nowMs = Math.max(captureMs, this.#lastMs ?? captureMs);
    this.#lastMs = nowMs;
    const outputs = await run(decoder.inputs(picture, elapsedMs));
    const observations = decoder.decode(outputs);
    return tracker.update(nowMs < this.#settledMs ? [] : observations, nowMs);
  }

  /** Forgets what was followed, as when the camera fell silent; the background stays known. */
  forgetTracks(): void {
    this.#parts.tracker.endAll();
  }
}
