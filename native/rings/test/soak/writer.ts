/**
 * Soak: writes frames and records until told to end. Arguments: prefix, frameBytes, framesPerTurn, pauseMs between turns.
 * On "reserve-all" it prints how many slots can be had, and ends.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { grayMeta, packetMeta } from "../support/frames.ts";
import { fillFor } from "./pattern.ts";

/** Slots of the ring: more than the readers can lease at once, or every reserve would be BUSY now and then. */
const SLOTS = 16;
const MAX_RECORD_BYTES = 2048;
const [prefix = "", frameBytesText = "", framesPerTurnText = "", pauseMsText = ""] = process.argv.slice(2);
const frameBytes = Number(frameBytesText);
const framesPerTurn = Number(framesPerTurnText);
const frames = SlotRingWriter.create({ name: `${prefix}.frames`, slots: SLOTS, slotBytes: frameBytes });
const records = ByteRingWriter.create({ name: `${prefix}.records`, capacityBytes: 256 * 1024 });
const meta = grayMeta(frameBytes / 8, 8);
const payload = Buffer.alloc(MAX_RECORD_BYTES);
let ending = false;
process.stdin.once("data", () => {
  ending = true;
});
console.log("writing");

let sequence = 0n;
while (!ending) {
  for (let i = 0; i < framesPerTurn; i++) {
    sequence += 1n;
    const slot = frames.reserve();
    fillFor(Buffer.from(slot.bytes.buffer, slot.bytes.byteOffset, frameBytes), sequence);
    frames.publish(slot.index, meta);
    const record = payload.subarray(0, 8 * (1 + ((Number(sequence) * 7919) % (MAX_RECORD_BYTES / 8))));
    fillFor(record, sequence);
    records.append(packetMeta(), record);
  }
  await (Number(pauseMsText) > 0 ? setTimeout(Number(pauseMsText)) : setImmediate());
}
let reserved = 0;
try {
  for (;;) {
    frames.reserve();
    reserved += 1;
  }
} catch (error) {
  console.log(JSON.stringify({ slots: SLOTS, reserved, code: (error as { code?: string }).code }));
}
frames.close();
records.close();
process.exit(0);
