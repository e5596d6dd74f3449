/** Which run of the machine this is: monotonic times compare within one only. Source: random(4), /proc/sys/kernel/random/boot_id. */
import { readFileSync } from "node:fs";

/** The kernel's boot id; a new word for every start of the machine. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
