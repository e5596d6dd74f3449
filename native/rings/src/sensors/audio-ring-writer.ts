/** Writes PCM sound into a byte ring, with time stamps counted in samples. */
import { ByteRingWriter } from "../byte-ring-writer.ts";
import { RECORD_TYPES } from "../record-meta.ts";
import { type CaptureTime, sampleRecord } from "./capture-time.ts";
import { describeAudio } from "./descriptions.ts";
import { encodePcm, PCM_SAMPLE_BYTES, type PcmFormat, type PcmSamples, pcmTicks90k } from "./pcm.ts";

const DEFAULT_BUFFERED_MS = 5000;

/** Owner of a ring of PCM records of one format. */
export class AudioRingWriter {
  readonly name: string;
  readonly #ring: ByteRingWriter;
  readonly #format: PcmFormat;
  #writtenPerChannel = 0;

  private constructor(ring: ByteRingWriter, format: PcmFormat) {
    this.name = ring.name;
    this.#ring = ring;
    this.#format = format;
  }

  /** Makes the ring, large enough for bufferedMs of sound (5 s). Throws: as ByteRingWriter.create. */
  static create(options: { name: string; sensor: string; bufferedMs?: number } & PcmFormat): AudioRingWriter {
    const { name, codec, sampleRateHz, channels, bufferedMs = DEFAULT_BUFFERED_MS } = options;
    const bytesPerS = sampleRateHz * channels * PCM_SAMPLE_BYTES[codec];
    const ring = ByteRingWriter.create({ name, capacityBytes: Math.ceil((bytesPerS * bufferedMs) / 1000) });
    ring.describe(describeAudio(options));
    return new AudioRingWriter(ring, { codec, sampleRateHz, channels });
  }

  /**
   * Appends interleaved samples; capture: of the first of them. skippedSamples: how many of each channel are missing before them
   * (the record is then a discontinuity, and its time stamp is later by as much). Returns the record's sequence.
   * Throws: RING_SAMPLES_INVALID, RING_INVALID_ARGUMENT (too large), RING_CLOSED.
   */
  write(samples: PcmSamples, capture: CaptureTime, skippedSamples = 0): bigint {
    const { sampleRateHz, channels } = this.#format;
    const payload = encodePcm(samples, this.#format);
    const first = this.#writtenPerChannel + skippedSamples;
    const end = first + samples.length / channels;
    const pts90k = pcmTicks90k(first, sampleRateHz);
    const duration90k = Number(pcmTicks90k(end, sampleRateHz) - pts90k);
    const record = sampleRecord(RECORD_TYPES.pcm, capture, { pts90k, duration90k });
    const sequence = this.#ring.append({ ...record, discontinuity: skippedSamples > 0 }, payload);
    this.#writtenPerChannel = end;
    return sequence;
  }

  /** Marks the ring gone and frees its name. May be called twice. */
  close(): void {
    this.#ring.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
