/** Child: leases the newest frame and never lets go. Argument: name. */
import { SlotRingReader } from "../../src/index.ts";

const reader = SlotRingReader.open(process.argv[2] ?? "");
const lease = reader.leaseNewest();
console.log(lease === undefined ? "nothing" : `leased ${lease.frame.sequence}`);
await reader.wait(2n ** 50n, -1);
lease?.release(); // never reached: it keeps the lease from being collected
