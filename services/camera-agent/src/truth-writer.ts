/**
 * Ground truth to a file: one JSON object a line, one line a frame.
 * A file of TRUTH_BYTES_MAX is renamed to `<file>.1` (the one before is dropped), so that a camera that runs for months fills no disk.
 */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { agentErrors } from "./error-codes.ts";
import type { TruthBox } from "./scenes/scene.ts";

const TRUTH_BYTES_MAX = 64 * 1024 * 1024; // about 4 days of a street at 15 fps

/** The truth about one frame. */
export interface TruthLine {
  /** Counts from 0 since the camera began. */
  readonly frame: number;
  /** Scene time: frame / fps. */
  readonly ptsS: number;
  /** The frame's time stamp in the stream, 90 kHz, 33 bits: what a reader of the packet or frame ring sees as pts90k. */
  readonly pts90k: number;
  /** Wall clock when the frame was made, before it was encoded. */
  readonly wallUs: number;
  readonly boxes: readonly TruthBox[];
}

/** Writes truth lines. Owner: close() it. */
export class TruthWriter {
  readonly #file: string;
  readonly #bytesMax: number;
  #descriptor: number;
  #bytes = 0;

  private constructor(file: string, descriptor: number, bytesMax: number) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#descriptor = descriptor;
  }

  /** Begins a new file. Throws: TRUTH_NOT_WRITABLE. */
  static open(file: string, bytesMax: number = TRUTH_BYTES_MAX): TruthWriter {
    try {
      mkdirSync(dirname(file), { recursive: true });
      return new TruthWriter(file, openSync(file, "w"), bytesMax);
    } catch (error) {
      throw agentErrors.make("TRUTH_NOT_WRITABLE", { file, reason: (error as Error).message }, error);
    }
  }

  /** Appends a line; whole lines only, so that a reader can follow. */
  write(line: TruthLine): void {
    this.#bytes += writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
    if (this.#bytes >= this.#bytesMax) {
      closeSync(this.#descriptor);
      renameSync(this.#file, `${this.#file}.1`);
      this.#descriptor = openSync(this.#file, "w");
      this.#bytes = 0;
    }
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#descriptor);
  }
}
