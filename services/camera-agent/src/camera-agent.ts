/** A camera: brings the source of each stream to its output, whatever happens to either. */
import { type Clock, LanthornError, type Log, retry } from "@lanthorn/base";
import { whenAborted } from "./stream/ffmpeg-process.ts";
import type { StreamOutput, StreamSource } from "./stream/source.ts";

/** Waits before a source that failed is started again, milliseconds. */
const BACK_OFF = { firstDelayMs: 500, maxDelayMs: 5000 };

/** What a stream of a camera needs. */
export interface CameraAgentOptions {
  readonly source: StreamSource;
  readonly output: StreamOutput;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs the streams of a camera, each by itself, until the signal is aborted (ABORTED) or one throws what will not pass. */
export async function runStreams(streams: readonly CameraAgentOptions[], signal: AbortSignal): Promise<never> {
  const stopping = new AbortController();
  const ended = AbortSignal.any([signal, stopping.signal]);
  const running = streams.map((stream) => runStream(stream, ended));
  try {
    return await Promise.race(running);
  } finally {
    stopping.abort();
    await Promise.allSettled(running);
  }
}

/**
 * Runs a stream until the signal is aborted (ABORTED). The source begins with the first connection, so that the first
 * thing the box gets is a key frame, and runs on through interruptions, as a real camera does.
 * Throws: what will not pass by waiting, e.g. FFMPEG_MISSING.
 */
async function runStream(options: CameraAgentOptions, signal: AbortSignal): Promise<never> {
  const { source, output, clock, log } = options;
  const stopping = new AbortController();
  const ended = AbortSignal.any([signal, stopping.signal]);
  const sending = output.run(ended);
  const making = Promise.race([output.ready(), whenAborted(ended)]).then(() =>
    retry(
      clock,
      ended,
      () => {
        output.begin();
        return source.run(ended, (bytes) => output.deliver(bytes));
      },
      {
        ...BACK_OFF,
        isRetryable: (error) => error instanceof LanthornError && error.kind === "unavailable",
        onFailure: (error, attempt, nextDelayMs) =>
          log.warn(
            { attempt, nextDelayMs, reason: (error as Error).message },
            "the source failed and is started again",
          ),
      },
    ),
  );
  try {
    return await Promise.race([sending, making]);
  } finally {
    stopping.abort();
    await Promise.allSettled([sending, making]);
  }
}
