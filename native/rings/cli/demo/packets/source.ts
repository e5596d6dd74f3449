/** A camera that delivers packets: H.264 access units of ffmpeg's test picture. */
import { ByteRingWriter, RECORD_TYPES, sampleRecord } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";
import { factsOf } from "./access-units.ts";
import { H264Encoder } from "./encoder.ts";

const CAPACITY_BYTES = 2 * 1024 * 1024; // 8 s at 2 Mbit/s

type PacketsOptions = {
  name: string;
  camera: string;
  widthPx: number;
  heightPx: number;
  fps: number;
  /** Told once why there are no packets (any more). */
  onFault: (reason: string) => void;
};

/** The simulated packet camera. Its ring is there once the first access unit is. */
export class PacketsSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz: number;
  readonly #options: PacketsOptions;
  #writer: ByteRingWriter | undefined;
  #encoder: H264Encoder | undefined;
  #described = "";

  constructor(options: PacketsOptions) {
    const { name, widthPx, heightPx, fps } = options;
    const what = `H.264 access units, ${widthPx}×${heightPx}, ${fps} fps, a key frame each second`;
    this.rings = [{ name, kind: "records", what, written: 0, dropped: 0 }];
    this.rateHz = fps;
    this.#options = options;
  }

  open(): void {
    this.#writer = ByteRingWriter.create({ name: this.#options.name, capacityBytes: CAPACITY_BYTES });
    this.#encoder = new H264Encoder(this.#options);
  }

  /** Publishes the next access unit; ffmpeg works ahead by a few and waits for us, so that the pace is ours. */
  tick(tick: Tick): void {
    const unit = this.#encoder?.next();
    if (unit !== undefined) {
      this.#write(unit, tick);
      return;
    }
    const fault = this.#encoder?.fault();
    if (fault !== undefined) {
      this.#encoder = undefined;
      this.#writer?.close();
      this.#options.onFault(fault);
    }
  }

  async close(): Promise<void> {
    this.#writer?.close();
    await this.#encoder?.stop();
  }

  #write(unit: Buffer, tick: Tick): void {
    const { isKey, parameterSets, codecString } = factsOf(unit);
    const { camera, widthPx, heightPx, fps } = this.#options;
    const extradata = parameterSets.toString("base64");
    if (isKey && extradata !== this.#described) {
      this.#described = extradata;
      const stream = { index: 0, type: "video", codec: "h264", widthPx, heightPx, extradata, codecString, fps };
      this.#writer?.describe({ camera, streams: [stream] });
    }
    const pts90k = BigInt(Math.round(tick.elapsedS * 90_000));
    const record = sampleRecord(RECORD_TYPES.packet, tick, { pts90k, duration90k: Math.round(90_000 / fps) });
    tally(this.rings[0], () => this.#writer?.append({ ...record, key: isKey }, unit));
  }
}
