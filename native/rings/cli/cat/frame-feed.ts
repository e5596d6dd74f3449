/** A ring's frames as private copies, newest first come, until there are enough. */
import { LanthornError } from "@lanthorn/base";
import type { FrameMeta, SlotRingReader } from "../../src/index.ts";
import type { Allowance } from "./limits.ts";

/** A frame of our own. missed: published between the one before and this. */
export type CopiedFrame = { frame: FrameMeta; bytes: Uint8Array; missed: number };

/** Yields the newest frame again and again, each once, until the allowance is used up or the writer is gone. */
export async function* frames(
  reader: SlotRingReader,
  slotBytes: number,
  allowance: Allowance,
  signal: AbortSignal,
): AsyncGenerator<CopiedFrame> {
  let after = 0n;
  for (let isGone = false; !allowance.isUsedUp(); ) {
    const copied = copyNewest(reader, after, slotBytes);
    if (copied !== undefined) {
      const missed = after === 0n ? 0 : Number(copied.frame.sequence - after - 1n);
      after = copied.frame.sequence;
      allowance.taken += 1;
      yield { ...copied, missed };
      continue;
    }
    if (isGone) {
      return; // looked once more after the end, and found nothing
    }
    isGone = (await reader.wait(after, allowance.waitMs(), signal)) === "gone";
  }
}

/** Copies while leased, so that it cannot be torn; without a lease where none is to be had. */
function copyNewest(reader: SlotRingReader, after: bigint, slotBytes: number): Omit<CopiedFrame, "missed"> | undefined {
  try {
    const lease = reader.leaseNewest(after);
    if (lease === undefined) {
      return undefined;
    }
    const bytes = lease.bytes.slice(); // an ArrayBuffer of its own: aligned for every sample type
    lease.release();
    return { frame: lease.frame, bytes };
  } catch (error) {
    switch (error instanceof LanthornError ? error.code : "") {
      case "RING_GONE":
      case "RING_TORN":
        return undefined;
      case "RING_BUSY":
      case "RING_PERMISSION":
      case "RING_NOT_FOUND":
        return copyWithoutLease(reader, after, slotBytes);
      default:
        throw error;
    }
  }
}

function copyWithoutLease(
  reader: SlotRingReader,
  after: bigint,
  slotBytes: number,
): Omit<CopiedFrame, "missed"> | undefined {
  const bytes = new Uint8Array(slotBytes);
  const frame = reader.copyNewest(after, bytes);
  return frame && { frame, bytes: bytes.subarray(0, frame.bytes) };
}
