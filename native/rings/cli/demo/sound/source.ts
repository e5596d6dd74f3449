/** A microphone: records of 20 ms. */
import { AudioRingWriter, type PcmCodec } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";
import type { Sound } from "./tune.ts";

const SAMPLE_RATE_HZ = 48_000;
const RECORDS_PER_S = 50;
const BLOCK_SAMPLES = SAMPLE_RATE_HZ / RECORDS_PER_S;
const BLOCK_NS = 1_000_000_000n / BigInt(RECORDS_PER_S);

type SoundOptions = { name: string; sensor: string; codec: PcmCodec; channels: number; sound: Sound };

/** The simulated microphone. */
export class SoundSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz = RECORDS_PER_S;
  readonly #options: SoundOptions;
  readonly #block: Float32Array;
  #writer: AudioRingWriter | undefined;

  constructor(options: SoundOptions) {
    const { name, codec, channels } = options;
    const what = `${codec}, ${SAMPLE_RATE_HZ / 1000} kHz, ${channels === 1 ? "mono" : "stereo"}, records of 20 ms`;
    this.rings = [{ name, kind: "records", what, written: 0, dropped: 0 }];
    this.#options = options;
    this.#block = new Float32Array(BLOCK_SAMPLES * channels);
  }

  open(): void {
    const { name, sensor, codec, channels } = this.#options;
    this.#writer = AudioRingWriter.create({ name, sensor, codec, channels, sampleRateHz: SAMPLE_RATE_HZ });
  }

  /** Writes the 20 ms that end with this tick. */
  tick(tick: Tick): void {
    const { codec, sound } = this.#options;
    sound(this.#block, tick.index * BLOCK_SAMPLES, SAMPLE_RATE_HZ);
    const samples =
      codec === "pcm_f32le" ? this.#block : Int16Array.from(this.#block, (sample) => Math.round(sample * 32_767));
    const capture = {
      captureMonoNs: tick.captureMonoNs - BLOCK_NS,
      captureWallUs: tick.captureWallUs - BLOCK_NS / 1000n,
    };
    tally(this.rings[0], () => this.#writer?.write(samples, capture, tick.skipped * BLOCK_SAMPLES));
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }
}
