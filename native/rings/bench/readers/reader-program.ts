/** A TypeScript reader of a ring, by lease, until the ring is gone; prints its samples as the native one. Arguments: name, warm. */
import { systemClock } from "@lanthorn/base";
import { SlotRingReader } from "../../src/index.ts";

const [name = "", warm = "0"] = process.argv.slice(2);
const samples = {
  sequence: [] as number[],
  wakeNs: [] as number[],
  wholeNs: [] as number[],
  leaseNs: [] as number[],
  peekNs: [] as number[],
};
const reader = SlotRingReader.open(name);
console.log("ready");
let after = 0n;
while ((await reader.wait(after, -1)) === "ready") {
  const beginNs = systemClock.monoNs();
  const lease = reader.leaseNewest(after);
  const hadNs = systemClock.monoNs();
  if (lease === undefined) {
    continue;
  }
  const { sequence, arrivalMonoNs, captureMonoNs } = lease.frame;
  after = sequence;
  if (sequence > BigInt(warm)) {
    samples.sequence.push(Number(sequence));
    samples.leaseNs.push(Number(hadNs - beginNs));
    samples.wakeNs.push(Number(hadNs - arrivalMonoNs));
    samples.wholeNs.push(Number(hadNs - captureMonoNs));
  }
  lease.release();
}
reader.close();
console.log(JSON.stringify(samples));
