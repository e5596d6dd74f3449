/** A native handle that may be closed once. */
import { mediaErrors } from "./error-codes.ts";

/** Holds a handle until it is closed; using it afterwards is an error in words instead of a crash. */
export class OpenHandle<Native> {
  readonly #what: string;
  readonly #close: (handle: Native) => void;
  #handle: Native | undefined;

  constructor(what: string, handle: Native, close: (handle: Native) => void) {
    this.#what = what;
    this.#handle = handle;
    this.#close = close;
  }

  /** The handle. Throws: MEDIA_CLOSED. */
  get(): Native {
    if (this.#handle === undefined) {
      throw mediaErrors.make("MEDIA_CLOSED", { what: this.#what });
    }
    return this.#handle;
  }

  /** Closes it; may be called twice. */
  close(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) {
      this.#close(handle);
    }
  }
}
