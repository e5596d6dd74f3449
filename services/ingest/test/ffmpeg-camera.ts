/** ffmpeg as a camera: another process with its own libsrt. */
import { type ChildProcess, spawn } from "node:child_process";

/** A running ffmpeg. Owner: declare it with `await using`, or stop() it. */
export class FfmpegCamera {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;

  /** output: where the stream goes. seconds: when it ends by itself, should the test be killed. */
  constructor(output: string, seconds = 60) {
    const picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
    const sound = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
    const video = [
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-tune",
      "zerolatency",
      "-pix_fmt",
      "yuv420p",
      "-g",
      "25",
    ];
    const audio = ["-c:a", "aac", "-b:a", "48k"];
    const all = [
      "-v",
      "error",
      "-nostdin",
      ...picture,
      ...sound,
      ...video,
      ...audio,
      "-t",
      String(seconds),
      "-f",
      "mpegts",
    ];
    this.#child = spawn("ffmpeg", [...all, output], { stdio: "ignore" });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", resolve);
    });
  }

  /** As when its power is cut: SRT's shutdown message is not sent. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** As when it is switched off properly. */
  async finish(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
