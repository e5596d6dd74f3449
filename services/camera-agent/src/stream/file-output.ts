/** The stream into a file: to look at it without a network. */
import { closeSync, openSync, writeSync } from "node:fs";
import { agentErrors } from "../error-codes.ts";
import { whenAborted } from "./ffmpeg-process.ts";
import type { StreamOutput } from "./source.ts";

/** Writes MPEG-TS to a file. */
export class FileOutput implements StreamOutput {
  readonly #file: string;
  readonly #opened = Promise.withResolvers<void>();
  #descriptor: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Throws: OUTPUT_NOT_WRITABLE. */
  async run(signal: AbortSignal): Promise<never> {
    try {
      this.#descriptor = openSync(this.#file, "w");
    } catch (error) {
      throw agentErrors.make("OUTPUT_NOT_WRITABLE", { file: this.#file, reason: (error as Error).message }, error);
    }
    this.#opened.resolve();
    try {
      return await whenAborted(signal);
    } finally {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }

  ready(): Promise<void> {
    return this.#opened.promise;
  }

  begin(): void {
    // One stream follows the other.
  }

  deliver(bytes: Buffer): void {
    if (this.#descriptor !== undefined) {
      writeSync(this.#descriptor, bytes);
    }
  }
}
