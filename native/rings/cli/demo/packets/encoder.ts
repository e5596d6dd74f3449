/** ffmpeg as a camera's encoder: its own test picture as H.264, an access unit at a time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { AccessUnitSplitter } from "./access-units.ts";

/** Units waiting to be published; above it ffmpeg is not read from, and so waits itself. */
const QUEUE_UNITS = 8;

/** The running encoder. Queue: block. */
export class H264Encoder {
  readonly #child: ChildProcess;
  readonly #splitter = new AccessUnitSplitter();
  readonly #units: Buffer[] = [];
  #isEnded = false;
  #fault = "";

  constructor(options: { widthPx: number; heightPx: number; fps: number }) {
    const { widthPx, heightPx, fps } = options;
    const input = ["-f", "lavfi", "-i", `testsrc2=size=${widthPx}x${heightPx}:rate=${fps}`];
    // A delimiter before, and parameter sets in, every key picture; one slice a picture; a key picture each second.
    const codec = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"];
    const stream = ["-g", String(Math.round(fps)), "-x264-params", "aud=1:repeat-headers=1:threads=1:sliced-threads=0"];
    const rate = ["-b:v", "2M", "-maxrate", "2M", "-bufsize", "1M"];
    const output = ["-f", "h264", "-"];
    this.#child = spawn("ffmpeg", ["-v", "error", "-nostdin", ...input, ...codec, ...stream, ...rate, ...output], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#units.push(...this.#splitter.push(chunk));
      if (this.#units.length > QUEUE_UNITS) {
        this.#child.stdout?.pause();
      }
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#fault = chunk.toString().trim().split("\n")[0] ?? "";
    });
    this.#child.on("error", (error) => {
      this.#fault = (error as NodeJS.ErrnoException).code === "ENOENT" ? "ffmpeg is not installed" : error.message;
      this.#isEnded = true;
    });
    this.#child.on("close", (code, signal) => {
      this.#fault ||= `ffmpeg ended (${signal ?? `exit code ${code}`})`;
      this.#isEnded = true;
    });
  }

  /** The next access unit, or undefined when it is not ready. */
  next(): Buffer | undefined {
    const unit = this.#units.shift();
    if (this.#units.length <= QUEUE_UNITS / 2) {
      this.#child.stdout?.resume();
    }
    return unit;
  }

  /** Why nothing more will come; undefined while it runs or units wait. */
  fault(): string | undefined {
    return this.#isEnded && this.#units.length === 0 ? this.#fault : undefined;
  }

  /** Ends ffmpeg and waits for its end. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#isEnded) {
      const ended = once(this.#child, "close");
      this.#child.stdout?.destroy(); // else "close" waits until all of it was read
      this.#child.kill("SIGKILL"); // nothing of it is to be kept
      await ended;
    }
  }
}
