/** A thread that makes one backup at the lowest priority, so that the thread that writes rows never waits for it. */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock, toLanthornError } from "@lanthorn/base";
import { backUp } from "./backup.ts";

/** What the thread is given. */
export interface BackupWork {
  readonly stateDir: string;
  readonly file: string;
}

/** nice(2) goes up to 19: only what nobody else wants. */
const LOWEST_PRIORITY = 19;

const { stateDir, file } = workerData as BackupWork;
try {
  // On Linux a priority belongs to a thread: https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences".
  setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), LOWEST_PRIORITY);
  parentPort?.postMessage({ report: await backUp({ stateDir, file, clock: systemClock }) });
} catch (thrown) {
  const { code, message } = toLanthornError(thrown);
  parentPort?.postMessage({ error: { code, message } });
}
