/**
 * Child in a /dev/shm of 64 MiB: eight writers want 4K rings; those that got one then write at full load while other data takes
 * all that is left. Prints JSON.
 */
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { SlotRingReader, SlotRingWriter } from "../../src/index.ts";
import { grayMeta } from "./frames.ts";

const CAMERAS = 8;
const SLOT_BYTES = 3840 * 2160 * 1.5; // NV12
const SLOTS = 3;
const FRAMES = 40; // and as many MiB of other data: more than is left
const FILLER = "/dev/shm/other-data";
const writers: SlotRingWriter[] = [];
const refusals: { ring: string; code: string; message: string }[] = [];
for (let i = 1; i <= CAMERAS; i++) {
  const name = `camera-${i}.frames`;
  try {
    writers.push(SlotRingWriter.create({ name, slots: SLOTS, slotBytes: SLOT_BYTES }));
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    refusals.push({ ring: name, code, message });
  }
}

const filler = openSync(FILLER, "w");
const piece = Buffer.alloc(1024 * 1024, 0x5a);
let isFull = false;
/** Other data, a MiB at a time, until there is no room for one byte more. */
function fill(): void {
  if (!isFull) {
    try {
      writeSync(filler, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") {
        throw error;
      }
      isFull = statfsSync("/dev/shm").bavail === 0;
    }
  }
}

let whole = 0;
const expected = Buffer.alloc(SLOT_BYTES);
const readers = writers.map(({ name }) => SlotRingReader.open(name));
for (let value = 1; value <= FRAMES; value++) {
  expected.fill(value);
  for (const [i, writer] of writers.entries()) {
    const { index, bytes } = writer.reserve();
    bytes.fill(value, 0, SLOT_BYTES); // every page of every slot, also those never touched before
    writer.publish(index, { ...grayMeta(3840, 2160), bytes: SLOT_BYTES });
    const lease = readers[i]?.leaseNewest();
    whole += lease !== undefined && expected.equals(lease.bytes) ? 1 : 0;
    lease?.release();
  }
  fill();
}
closeSync(filler);
rmSync(FILLER);
console.log(JSON.stringify({ made: writers.length, frames: FRAMES, whole, isFull, refusals }));
