/** A camera that sends rubbish with the right key: srt-live-transmit, fed random bytes. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** A running srt-live-transmit. Owner: declare it with `await using`. */
export class GarbageCamera {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isStopped = false;

  constructor(url: string) {
    this.#child = spawn("srt-live-transmit", ["-q", "-chunk:1316", "file://con", url], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#child.stdin?.on("error", () => {}); // it may end before us
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", () => resolve());
    });
    void this.#feed();
  }

  async #feed(): Promise<void> {
    while (!this.#isStopped) {
      this.#child.stdin?.write(randomBytes(1316 * 8));
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
