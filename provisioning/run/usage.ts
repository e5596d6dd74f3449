/** Memory and processor time of a process, from /proc. */
import { readFileSync } from "node:fs";

/** Resources a process uses. */
export interface ProcessUsage {
  /** Resident set, mebibytes. */
  readonly rssMiB: number;
  /** User and system time since its start, seconds. */
  readonly cpuS: number;
}

/** USER_HZ is 100 on every Linux that Debian supports. Source: proc(5), sysconf(_SC_CLK_TCK). */
const TICKS_PER_S = 100;

/** Reads a process's usage; undefined when it is gone. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const rssKiB = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    return { rssMiB: rssKiB / 1024, cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S };
  } catch {
    return undefined;
  }
}
