/** Child in a tiny /dev/shm: fills it with rings, then tries to go on. Prints JSON. */
import { spawnSync } from "node:child_process";
import { SlotRingWriter } from "../../src/index.ts";
import { publishGray } from "./frames.ts";

const SLOT_BYTES = 1024 * 1024; // 3 slots: 3 MiB a ring, two in 8 MiB
const writers: SlotRingWriter[] = [];
const result = { made: 0, code: "", message: "", madeAfterClose: false, replacedDead: false };

function make(name: string, slots = 3): SlotRingWriter {
  return SlotRingWriter.create({ name, slots, slotBytes: SLOT_BYTES });
}

if (process.argv[2] === "die") {
  make("dead", 5);
  process.kill(process.pid, "SIGKILL");
}
try {
  for (let i = 0; i < 10; i++) {
    writers.push(make(`small.${i}`));
  }
} catch (error) {
  const { code, message } = error as Error & { code: string };
  Object.assign(result, { made: writers.length, code, message });
}
for (const writer of writers) {
  for (let i = 0; i < 10; i++) {
    publishGray(writer, 1024, 1024, i); // every page is really there
  }
}
writers[0]?.close();
const again = make("small.again");
result.madeAfterClose = true;
again.close();
writers[1]?.close();
spawnSync(process.execPath, [process.argv[1] ?? "", "die"]);
const heir = make("dead", 5); // 5 MiB dead and 5 MiB new do not fit into 8 together
publishGray(heir, 1024, 1024, 1);
heir.close();
result.replacedDead = true;
console.log(JSON.stringify(result));
