/** Which certificate each RTSPS camera must show: the registry's, and until that has one the first whose stream ran. */
import type { Camera } from "@lanthorn/contract";

/** What the pins need. */
export interface CertificatePinsOptions {
  readonly cameras: () => readonly Camera[];
  /** Has the registry keep a camera's first certificate. */
  readonly keep: (cameraId: string, sha256: string) => void;
}

/** SHA-256 as 64 hex digits in lower case, by camera. Holds for both streams of a camera. */
export class CertificatePins {
  readonly #options: CertificatePinsOptions;
  /** Seen, but not in the registry yet as far as we have read it. */
  readonly #first = new Map<string, string>();

  constructor(options: CertificatePinsOptions) {
    this.#options = options;
  }

  /** What the camera must show; null: whatever it shows. */
  expected(cameraId: string): string | null {
    const kept = this.#options.cameras().find(({ id }) => id === cameraId)?.certificateSha256 ?? null;
    if (kept !== null) {
      this.#first.delete(cameraId); // from now on null means that the owner wants the next one
    }
    return kept ?? this.#first.get(cameraId) ?? null;
  }

  /** The camera's stream runs, and this is its certificate. Called each second. */
  seen(cameraId: string, sha256: string): void {
    if (this.expected(cameraId) === null) {
      this.#first.set(cameraId, sha256);
      this.#options.keep(cameraId, sha256);
    }
  }
}
