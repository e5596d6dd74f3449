/** Tells services/cameras, the only writer of the registry, what cameras have shown: a new key in use, a first certificate. */
import { type Clock, isAborted, type Log, type Module, requestJson, retry } from "@lanthorn/base";

/** What it needs. */
export interface RegistryNoticesOptions {
  readonly runDir: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
}

/** One request a camera and matter, repeated until it was heard; ingest goes by it in the meantime. */
export class RegistryNotices implements Module {
  readonly name = "registry-notices";
  readonly #options: RegistryNoticesOptions;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<string>();

  constructor(options: RegistryNoticesOptions) {
    this.#options = options;
  }

  start(): void {}

  stop(): void {
    this.#stopping.abort();
  }

  /** The camera has proved its next passphrase: the old one is to be forgotten. native/srt refuses that already. */
  promoteKey(cameraId: string): void {
    this.#tell(
      cameraId,
      `/cameras/${cameraId}/rekey/complete`,
      undefined,
      "the camera uses its new key, the old one is forgotten",
    );
  }

  /** The camera's first certificate is to be kept. */
  keepCertificate(cameraId: string, sha256: string): void {
    this.#tell(cameraId, `/cameras/${cameraId}/certificate`, { sha256 }, "the camera's certificate is kept");
  }

  #tell(camera: string, path: string, json: object | undefined, matter: string): void {
    if (this.#underWay.has(path)) {
      return;
    }
    this.#underWay.add(path);
    const { clock, log, runDir } = this.#options;
    const ask = () => requestJson(runDir, "cameras", { method: "POST", path, ...(json === undefined ? {} : { json }) });
    retry(clock, this.#stopping.signal, ask, {
      firstDelayMs: 1000,
      maxDelayMs: 30_000,
      onFailure: (error, attempt) => {
        if (attempt === 1) {
          log.warn({ camera, err: error, matter }, "cannot tell services/cameras yet");
        }
      },
    })
      .then(() => log.info({ camera }, matter))
      .catch((error: unknown) => {
        if (!isAborted(error)) {
          log.warn({ camera, err: error, matter }, "gave up telling services/cameras");
        }
      })
      .finally(() => this.#underWay.delete(path));
  }
}
