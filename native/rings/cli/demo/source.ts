/** What every simulated source is to the demo: some rings, opened, filled at a rate, closed. */
import { LanthornError } from "@lanthorn/base";
import type { Tick } from "./pacing.ts";

/** A ring of a source: its name, what is in it in a few words, and how many frames or records were written or had no room. */
export type DemoRing = {
  readonly name: string;
  readonly kind: "frames" | "records";
  readonly what: string;
  written: number;
  dropped: number;
};

/** A simulated source. A constructor only assigns; open makes the rings; close may be called twice, and without open. */
export interface DemoSource {
  readonly rings: readonly DemoRing[];
  readonly rateHz: number;
  /** Throws: as SlotRingWriter.create. */
  open(): void;
  /** Writes what belongs to this tick. */
  tick(tick: Tick): void;
  close(): void | Promise<void>;
}

/** Counts one write; where readers hold every slot, the frame is dropped and counted. Returns what write returned. */
export function tally<T>(ring: DemoRing, write: () => T): T | undefined {
  try {
    const result = write();
    ring.written += 1;
    return result;
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_BUSY") {
      ring.dropped += 1;
      return undefined;
    }
    throw error;
  }
}
