/** Names that collide with nothing, and what is left of them in /dev/shm. */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { after } from "node:test";

const prefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
let count = 0;

/** A ring name of this test process; objects under it are removed when the file's tests end. */
export function testRingName(): string {
  count += 1;
  return `${prefix}.${count}`;
}

/** Objects of this test process in /dev/shm. */
export function leftovers(): string[] {
  return readdirSync("/dev/shm").filter((name) => name.startsWith(prefix));
}

after(() => {
  for (const name of leftovers()) {
    rmSync(`/dev/shm/${name}`, { force: true });
  }
});
