/** Child: reads frames as fast as it can for a while, by copy and by lease. Arguments: name, durationMs. Prints a JSON tally. */
import { elapsedMs, systemClock } from "@lanthorn/base";
import { SlotRingReader } from "../../src/index.ts";
import { isUniform } from "./frames.ts";

const [name = "", durationMs = "0"] = process.argv.slice(2);
const reader = SlotRingReader.open(name);
const copy = new Uint8Array(320 * 240);
const begin = systemClock.monoNs();
const tally = { copies: 0, leases: 0, torn: 0, backwards: 0 };
let last = 0n;
// In turn, each for the frame after the one before: whoever is preempted between the two finds nothing newer in the second.
for (let byLease = false; elapsedMs(begin, systemClock.monoNs()) < Number(durationMs); byLease = !byLease) {
  await reader.wait(last, 1000);
  if (byLease) {
    const lease = reader.leaseNewest(last);
    if (lease !== undefined) {
      tally.leases += 1;
      tally.torn += isUniform(lease.bytes) && lease.bytes[0] === Number(lease.frame.sequence & 255n) ? 0 : 1;
      tally.backwards += lease.frame.sequence > last ? 0 : 1;
      last = lease.frame.sequence;
      lease.release();
    }
    continue;
  }
  const frame = reader.copyNewest(last, copy);
  if (frame !== undefined) {
    tally.copies += 1;
    tally.torn += isUniform(copy) && copy[0] === Number(frame.sequence & 255n) ? 0 : 1;
    tally.backwards += frame.sequence > last ? 0 : 1;
    last = frame.sequence;
  }
}
reader.close();
console.log(JSON.stringify(tally));
