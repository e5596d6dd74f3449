/** One run of ffmpeg with its pipes. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { abortedError, type Clock, type Log } from "@lanthorn/base";
import { agentErrors } from "../error-codes.ts";
import { SOUND_FD } from "./encoder-arguments.ts";

/** How much of what ffmpeg said is kept for an error message, the newest. */
const SAID_CHARACTERS_MAX = 2000;

/** How long ffmpeg has to end after SIGTERM, milliseconds. */
const TERMINATION_MS = 1500;

/** What an ffmpeg run needs. */
export interface FfmpegOptions {
  readonly arguments: readonly string[];
  /** Takes the stream's bytes. */
  readonly deliver: (bytes: Buffer) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A running ffmpeg. Owner: stop() it. */
export class FfmpegProcess {
  readonly #options: FfmpegOptions;
  readonly #child: ChildProcess;
  readonly #ended: Promise<Error>;
  #said = "";
  #isEnded = false;

  /** Starts ffmpeg; that it is missing shows in ended(). */
  constructor(options: FfmpegOptions) {
    this.#options = options;
    this.#child = spawn("ffmpeg", options.arguments, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
    this.#child.stdout?.on("data", options.deliver);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    for (const pipe of [this.#child.stdin, this.#child.stdio[SOUND_FD] as Writable]) {
      pipe?.on("error", () => {}); // EPIPE when ffmpeg ends: told by ended()
    }
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(this.#startFailure(error)));
      this.#child.on("close", (code, signal) => {
        this.#isEnded = true;
        const ending = signal === null ? `exit code ${code}` : signal;
        resolve(agentErrors.make("FFMPEG_ENDED", { ending, said: this.#said.trim() || "nothing" }));
      });
    });
  }

  /** Resolves, with the reason, when ffmpeg is no more: FFMPEG_MISSING or FFMPEG_ENDED. */
  ended(): Promise<Error> {
    return this.#ended;
  }

  /** Writes a picture; resolves when its memory may be used again. Throws: what ended() says. */
  async writePicture(bytes: Uint8Array): Promise<void> {
    await this.#write(this.#child.stdin, bytes);
  }

  /** Writes sound; the bytes are copied, so the samples may be used again at once. */
  async writeSound(samples: Int16Array): Promise<void> {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    await this.#write(this.#child.stdio[SOUND_FD] as Writable, Buffer.from(bytes));
  }

  /** Ends ffmpeg and waits for it; may be called after it ended. */
  async stop(): Promise<void> {
    if (this.#isEnded || this.#child.pid === undefined) {
      return;
    }
    this.#child.stdout?.removeAllListeners("data");
    (this.#child.stdout as Readable | null)?.resume();
    this.#child.kill("SIGTERM");
    const late = this.#options.clock.sleep(TERMINATION_MS).then(() => "late" as const);
    if ((await Promise.race([this.#ended, late])) === "late") {
      this.#child.kill("SIGKILL");
      await this.#ended;
    }
  }

  async #write(pipe: Writable | null, bytes: Uint8Array): Promise<void> {
    const written = new Promise<boolean>((resolve) => {
      if (pipe === null || pipe.destroyed) {
        resolve(false);
      } else {
        pipe.write(bytes, (error) => resolve(error === null || error === undefined));
      }
    });
    const result = await Promise.race([written, this.#ended]);
    if (result !== true) {
      throw result === false ? await this.#ended : result;
    }
  }

  #hear(text: string): void {
    this.#said = (this.#said + text).slice(-SAID_CHARACTERS_MAX);
    this.#options.log.debug({ ffmpeg: text.trim() }, "ffmpeg speaks");
  }

  #startFailure(error: Error): Error {
    this.#isEnded = true;
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? agentErrors.make("FFMPEG_MISSING", { program: "ffmpeg" }, error)
      : agentErrors.make("FFMPEG_ENDED", { ending: error.message, said: "nothing" }, error);
  }
}

/** Rejects with ABORTED when the signal fires: for races. */
export function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) {
      reject(abortedError());
    } else {
      signal.addEventListener("abort", () => reject(abortedError()), { once: true });
    }
  });
}
