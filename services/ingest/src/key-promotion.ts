/** Tells services/cameras that a camera has proved its next passphrase, so that the old one is forgotten. */
import { type Clock, isAborted, type Log, type Module, requestJson, retry } from "@lanthorn/base";

/** What it needs. */
export interface KeyPromotionOptions {
  readonly runDir: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
}

/** One request a camera, repeated until it was heard; native/srt refuses the old key in the meantime. */
export class KeyPromotion implements Module {
  readonly name = "key-promotion";
  readonly #options: KeyPromotionOptions;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<string>();

  constructor(options: KeyPromotionOptions) {
    this.#options = options;
  }

  start(): void {}

  stop(): void {
    this.#stopping.abort();
  }

  /** Begins to tell, unless it is being told already. */
  promote(cameraId: string): void {
    if (this.#underWay.has(cameraId)) {
      return;
    }
    this.#underWay.add(cameraId);
    const { clock, log, runDir } = this.#options;
    const path = `/cameras/${cameraId}/rekey/complete`;
    retry(clock, this.#stopping.signal, () => requestJson(runDir, "cameras", { method: "POST", path }), {
      firstDelayMs: 1000,
      maxDelayMs: 30_000,
      onFailure: (error, attempt) => {
        if (attempt === 1) {
          log.warn({ camera: cameraId, err: error }, "cannot tell services/cameras of the new key yet");
        }
      },
    })
      .then(() => log.info({ camera: cameraId }, "the camera uses its new key; the old one is forgotten"))
      .catch((error: unknown) => {
        if (!isAborted(error)) {
          log.warn({ camera: cameraId, err: error }, "gave up telling services/cameras of the new key");
        }
      })
      .finally(() => this.#underWay.delete(cameraId));
  }
}
