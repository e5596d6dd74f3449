/** Where `cat` writes to: a file that appears when it is whole, a pipe, a device. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { outputFault, toolErrors } from "../error-codes.ts";

/** A place for bytes. Owner: exactly one of finish and discard ends it. */
export interface Output {
  /** Whether write can go back to a position. */
  readonly isSeekable: boolean;
  /** Writes all bytes, after the last or at a position. Returns false when nobody reads them any more. Throws: RING_OUTPUT_FAILED. */
  write(bytes: Uint8Array, position?: number): Promise<boolean>;
  /** Makes it complete under its name. Throws: RING_OUTPUT_FAILED. */
  finish(): Promise<void>;
  /** Leaves nothing behind where it can. */
  discard(): Promise<void>;
}

/** Opens `-` (standard output), a device or FIFO, or a file that gets its name only when finished. Throws: RING_OUTPUT_FAILED. */
export async function openOutput(file: string, signal: AbortSignal): Promise<Output> {
  if (file === "-") {
    return new StandardOutput(signal);
  }
  const isSpecial = await stat(file).then(
    (facts) => !facts.isFile(),
    () => false,
  );
  const target = isSpecial ? file : join(dirname(file), `.${basename(file)}.${randomBytes(4).toString("hex")}.partial`);
  const handle = await translated(file, () => open(target, isSpecial ? "w" : "wx"));
  return new FileOutput(file, isSpecial ? undefined : target, handle);
}

/** Writes to a pipe as fast as it is emptied. */
class StandardOutput implements Output {
  readonly isSeekable = false;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  write(bytes: Uint8Array): Promise<boolean> {
    // A closed pipe ends the process, quietly, in main.ts; an abort must not wait for a pipe that is full.
    return new Promise((resolve) => {
      const ended = () => resolve(false);
      this.#signal.addEventListener("abort", ended, { once: true });
      process.stdout.write(bytes, () => {
        this.#signal.removeEventListener("abort", ended);
        resolve(!this.#signal.aborted);
      });
    });
  }

  async finish(): Promise<void> {}

  async discard(): Promise<void> {}
}

class FileOutput implements Output {
  readonly isSeekable: boolean;
  readonly #file: string;
  readonly #partial: string | undefined;
  readonly #handle: FileHandle;

  constructor(file: string, partial: string | undefined, handle: FileHandle) {
    this.#file = file;
    this.#partial = partial;
    this.#handle = handle;
    this.isSeekable = partial !== undefined;
  }

  async write(bytes: Uint8Array, position?: number): Promise<boolean> {
    try {
      for (let written = 0; written < bytes.byteLength; ) {
        const at = position === undefined ? null : position + written;
        written += (await this.#handle.write(bytes, written, bytes.byteLength - written, at)).bytesWritten;
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPIPE") {
        return false; // a FIFO whose reader left
      }
      throw toolErrors.make("RING_OUTPUT_FAILED", outputFault(this.#file, error), error);
    }
  }

  async finish(): Promise<void> {
    await translated(this.#file, () => this.#handle.close()); // late refusals of network file systems come here
    if (this.#partial !== undefined) {
      const partial = this.#partial;
      await translated(this.#file, () => rename(partial, this.#file));
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    if (this.#partial !== undefined) {
      await unlink(this.#partial).catch(() => {});
    }
  }
}

async function translated<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toolErrors.make("RING_OUTPUT_FAILED", outputFault(file, error), error);
  }
}
