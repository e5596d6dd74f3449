/** What processes used, from /proc. */
import { readdirSync, readFileSync } from "node:fs";

const NS_PER_S = 1e9;
const KIB_PER_MIB = 1024;
/** Ticks of /proc/stat: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** Processor time of all threads of some processes since they began, seconds. Threads that ended in between are missing. */
export function cpuSeconds(pids: readonly number[]): number {
  return [...cpuSecondsByThread(pids).values()].reduce((sum, seconds) => sum + seconds, 0);
}

/** The same by the thread's name; threads of one name together. Nanoseconds of the scheduler, not ticks. */
export function cpuSecondsByThread(pids: readonly number[]): Map<string, number> {
  const byName = new Map<string, number>();
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const seconds = Number(thread.schedstat.split(" ", 1)[0]) / NS_PER_S;
      byName.set(thread.name, (byName.get(thread.name) ?? 0) + seconds);
    }
  }
  return byName;
}

function threadsOf(pid: number): { name: string; schedstat: string }[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const folder = `/proc/${pid}/task/${thread}`;
      return [
        { name: readFileSync(`${folder}/comm`, "utf8").trim(), schedstat: readFileSync(`${folder}/schedstat`, "utf8") },
      ];
    } catch {
      return []; // it ended while we looked
    }
  });
}

/** Memory of some processes, MiB: resident, and with each shared page counted once among those who share it. */
export function memoryMiB(pids: readonly number[]): { rssMiB: number; pssMiB: number } {
  const sum = (field: string) =>
    pids.reduce((total, pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return total + Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
    }, 0) / KIB_PER_MIB;
  return { rssMiB: sum("Rss"), pssMiB: sum("Pss") };
}

/** Processor time that the whole machine has spent not idle, seconds. */
export function busySeconds(): number {
  const [, user, nice, system, , , irq, softirq, steal] =
    readFileSync("/proc/stat", "utf8").split("\n", 1)[0]?.split(/\s+/) ?? [];
  return [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_S;
}

/** UDP packets that the kernel threw away because a socket's buffer was full, all sockets of the machine since it started. */
export function udpBufferDrops(): number {
  const [names, values] = readFileSync("/proc/net/snmp", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("Udp:"));
  const at = names?.split(" ").indexOf("RcvbufErrors") ?? -1;
  return Number(values?.split(" ")[at]);
}
