/** What a process has cost so far, read from /proc. */
import { readFileSync } from "node:fs";

/** Kernel ticks of processor time a second (USER_HZ, fixed at 100 for user space): 10 ms each, so costs of one start are rounded to 10 ms. */
const TICK_MS = 10;

/** Memory of a process. Units: MiB. */
export interface ProcessMemory {
  /** All that is mapped and present, also what other processes share. */
  readonly rssMiB: number;
  /** The same, what is shared divided by those who share it. */
  readonly pssMiB: number;
  /** What belongs to the process alone and has no file behind it: heaps, stacks, relocated libraries. */
  readonly anonymousMiB: number;
}

/** Processor time since the process began, all threads, user and system, milliseconds. Source: proc(5), fields 14 and 15 of stat. */
export function processorTimeMs(pid: number): number {
  // The command in field 2 may hold spaces and parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Memory of a process now. Source: /proc/<pid>/smaps_rollup, proc(5). */
export function processMemory(pid: number): ProcessMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) / 1024;
  return { rssMiB: mib("Rss"), pssMiB: mib("Pss"), anonymousMiB: mib("Anonymous") };
}
