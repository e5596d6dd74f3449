/** A video file as a camera: for ever, at its own rate. */
import type { Clock, Log } from "@lanthorn/base";
import { fileArguments } from "./encoder-arguments.ts";
import { FfmpegProcess, whenAborted } from "./ffmpeg-process.ts";
import type { FilePlan } from "./media-probe.ts";
import type { StreamSource } from "./source.ts";

/** What a file source needs. */
export interface FileSourceOptions {
  readonly file: string;
  readonly plan: FilePlan;
  readonly clock: Clock;
  readonly log: Log;
}

/** A looped file as a live stream. */
export class FileSource implements StreamSource {
  readonly #options: FileSourceOptions;

  constructor(options: FileSourceOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal, deliver: (bytes: Buffer) => void): Promise<never> {
    const { file, plan, clock, log } = this.#options;
    const ffmpeg = new FfmpegProcess({ arguments: fileArguments(file, plan), deliver, clock, log });
    try {
      const ended = ffmpeg.ended().then((error) => {
        throw error;
      });
      return await Promise.race([ended, whenAborted(signal)]);
    } finally {
      await ffmpeg.stop();
    }
  }
}
