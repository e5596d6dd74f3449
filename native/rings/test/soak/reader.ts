/** Soak: follows frames (leased, now and then copied) and records. Argument: prefix. Prints a JSON tally five times a second. */
import { setTimeout } from "node:timers/promises";
import { LanthornError, systemClock } from "@lanthorn/base";
import { followByteRing, followSlotRing } from "../../src/index.ts";
import { isOf } from "./pattern.ts";

const HOLD_EVERY = 16; // frames; the lease is kept for a while, over many frames of the writer
const COPY_EVERY = 3;
const [prefix = ""] = process.argv.slice(2);
const tally = { copies: 0, leases: 0, records: 0, dropped: 0, refused: 0, torn: 0, reopened: 0 };
const { signal } = new AbortController();
let copy = new Uint8Array(0);
systemClock.every(200, () => console.log(JSON.stringify(tally)));

await Promise.all([
  followSlotRing({
    name: `${prefix}.frames`,
    clock: systemClock,
    signal,
    onReopen: () => {
      tally.reopened += 1;
    },
    onFrame: async (lease, reader) => {
      tally.leases += 1;
      tally.torn += isOf(lease.bytes, lease.frame.sequence) ? 0 : 1;
      if (tally.leases % HOLD_EVERY === 0) {
        await setTimeout(5);
        tally.torn += isOf(lease.bytes, lease.frame.sequence) ? 0 : 1;
      }
      if (tally.leases % COPY_EVERY === 0) {
        copy = copy.length === lease.frame.bytes ? copy : new Uint8Array(lease.frame.bytes);
        try {
          const frame = reader.copyNewest(0n, copy);
          tally.copies += 1;
          tally.torn += frame !== undefined && isOf(copy, frame.sequence) ? 0 : 1;
        } catch (error) {
          if (!(error instanceof LanthornError && ["RING_TORN", "RING_GONE"].includes(error.code))) {
            throw error;
          }
          tally.refused += 1;
        }
      }
    },
  }),
  followByteRing({
    name: `${prefix}.records`,
    clock: systemClock,
    signal,
    from: "oldest",
    onGap: ({ records }) => {
      tally.dropped += records;
    },
    onRecord: ({ meta, payload }) => {
      tally.records += 1;
      // A payload may begin anywhere in its buffer; words want to begin at multiples of eight.
      tally.torn += isOf(payload.byteOffset % 8 === 0 ? payload : payload.slice(), meta.sequence) ? 0 : 1;
    },
  }),
]);
