/** A sink that only counts: for tests, and to measure the receive path alone. */
import { addon, type NativeByteCounter } from "./addon.ts";
import type { ByteSink } from "./records.ts";

/** What a ByteCounter has seen. */
export interface ByteCount {
  readonly bytes: number;
  readonly pushes: number;
  readonly discontinuities: number;
  /** Pushes that are not whole MPEG-TS packets beginning with 0x47. */
  readonly foreignPushes: number;
}

/** Counts what a camera sends. Owner: lives as long as it or its sink is referenced. */
export class ByteCounter {
  readonly #native: NativeByteCounter = new addon.ByteCounter();

  /** For SrtListener.attach and SrtCaller.connect. */
  readonly sink: ByteSink = this.#native.sink() as ByteSink;

  /** What has come so far. */
  read(): ByteCount {
    return this.#native.read();
  }
}
