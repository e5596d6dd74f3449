/** Runs Debian's ffmpeg as a program of its own: bytes in, bytes out, arguments as a list, no shell. It lives no longer than we do: it writes to our pipe. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { archiveErrors } from "../../error-codes.ts";

/** One run. */
export interface EncoderRun {
  readonly arguments: readonly string[];
  /** Where relative names in the arguments lie. */
  readonly directory: string;
  readonly input: AsyncIterable<Buffer>;
  readonly output: (bytes: Buffer) => Promise<void>;
}

const STDERR_CHARACTERS_MAX = 2000;

/** Runs it to its end. Throws: ARCHIVE_EXPORT_ENCODER_FAILED, and what input and output throw. */
export async function runEncoder(run: EncoderRun): Promise<void> {
  const child = spawn("ffmpeg", ["-hide_banner", "-nostats", "-v", "error", ...run.arguments], {
    cwd: run.directory,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-STDERR_CHARACTERS_MAX);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  ended.catch(() => {}); // told below
  try {
    const feeding = feed(child.stdin, run.input);
    feeding.catch(() => child.kill("SIGKILL"));
    for await (const bytes of child.stdout) {
      await run.output(bytes as Buffer);
    }
    await feeding;
    const code = await ended;
    if (code !== 0) {
      throw archiveErrors.make("ARCHIVE_EXPORT_ENCODER_FAILED", { code, words: words.trim() || "(it said nothing)" });
    }
  } catch (error) {
    child.kill("SIGKILL");
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && (error as NodeJS.ErrnoException).path === "ffmpeg") {
      throw archiveErrors.make(
        "ARCHIVE_EXPORT_ENCODER_FAILED",
        { code: "none", words: "ffmpeg is not installed" },
        error,
      );
    }
    throw error;
  }
}

/** Writes the input; a program that closes its input early has its reasons, and its exit status tells them. */
async function feed(stdin: NodeJS.WritableStream, input: AsyncIterable<Buffer>): Promise<void> {
  let closed = false;
  stdin.on("error", () => {
    closed = true;
  });
  stdin.on("close", () => {
    closed = true;
  });
  for await (const bytes of input) {
    if (closed) {
      return;
    }
    if (!stdin.write(bytes) && !closed) {
      await roomOf(stdin);
    }
  }
  stdin.end();
}

/** Waits until more fits, or the other end is gone; leaves no listener behind, as a long video waits some thousand times. */
async function roomOf(stdin: NodeJS.WritableStream): Promise<void> {
  const over = new AbortController();
  const either = [once(stdin, "drain", over), once(stdin, "close", over)];
  await Promise.race(either).catch(() => {});
  over.abort();
  await Promise.allSettled(either);
}
