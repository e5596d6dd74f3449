/** What processes used, from /proc, and which calls they made, by strace. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { systemClock } from "@lanthorn/base";

const NS_PER_S = 1e9;

/** What some processes have used since they began. */
export interface Usage {
  readonly cpuS: number;
  /** Bytes that they caused to be written to the disk: pages they made dirty. */
  readonly writtenBytes: number;
}

/** Adds up some processes, all their threads. */
export function usageOf(pids: readonly number[]): Usage {
  let [cpuS, writtenBytes] = [0, 0];
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      // Nanoseconds of the scheduler, not ticks.
      cpuS += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]) / NS_PER_S;
    }
    writtenBytes += Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  }
  return { cpuS, writtenBytes };
}

/** Calls of fsync and fdatasync a second, all processes together. Undefined where strace is missing or may not look. */
export async function fsyncsPerSecond(pids: readonly number[], seconds: number): Promise<number | undefined> {
  const strace = spawn("strace", ["-f", "-e", "trace=fsync,fdatasync", ...pids.flatMap((pid) => ["-p", String(pid)])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "close").catch(() => undefined);
  let text = "";
  strace.stderr.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await systemClock.sleep(1000); // until it has attached to every thread
  const attachedTo = text.length;
  const before = callsIn(text);
  const startedNs = systemClock.monoNs();
  await systemClock.sleep(seconds * 1000);
  const calls = callsIn(text) - before;
  const passedS = Number(systemClock.monoNs() - startedNs) / 1e9;
  strace.kill("SIGINT");
  await ended;
  return attachedTo > 0 && text.includes("attached") ? calls / passedS : undefined;
}

/** A call that another thread's line cuts in two is counted where it begins. */
function callsIn(text: string): number {
  return text.match(/(?:fsync|fdatasync)\(/g)?.length ?? 0;
}
