/** Sound in PCM records: interleaved samples, little-endian. Source: docs/ref/rings.md#pcm. */
import { ringErrors } from "../error-codes.ts";

/** FFmpeg's names of the sample formats that PCM records may have. */
export const PCM_CODECS = ["pcm_s16le", "pcm_f32le"] as const;

/** One of PCM_CODECS. */
export type PcmCodec = (typeof PCM_CODECS)[number];

/** What must be known to understand a PCM record; the ring's description says it. */
export type PcmFormat = { codec: PcmCodec; sampleRateHz: number; channels: number };

/** Interleaved samples: Int16Array for pcm_s16le, Float32Array (-1 to 1) for pcm_f32le. */
export type PcmSamples = Int16Array | Float32Array;

/** Bytes of one sample of one channel. */
export const PCM_SAMPLE_BYTES: Readonly<Record<PcmCodec, number>> = { pcm_s16le: 2, pcm_f32le: 4 };

const TICKS_PER_S = 90_000;

/**
 * Makes a PCM record's payload. Owner: shares the samples' memory.
 * Throws: RING_SAMPLES_INVALID (samples of the other type, a number that channels does not divide, not finite).
 */
export function encodePcm(samples: PcmSamples, format: PcmFormat): Uint8Array {
  const wanted = format.codec === "pcm_s16le" ? Int16Array : Float32Array;
  if (!(samples instanceof wanted)) {
    throw fault(
      `Expected ${wanted === Int16Array ? "an" : "a"} ${wanted.name} for ${format.codec} but received ${(samples as object).constructor.name}`,
    );
  }
  if (samples.length % format.channels !== 0) {
    throw fault(
      `Expected samples for ${format.channels} channels but received ${samples.length}, which is no multiple of that`,
    );
  }
  if (samples instanceof Float32Array && !samples.every(Number.isFinite)) {
    throw fault(`Expected finite samples but received ${samples.find((sample) => !Number.isFinite(sample))}`);
  }
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/**
 * Reads a PCM record's payload. Owner: shares the payload's memory, or a copy of it where it is not aligned.
 * Throws: RING_PAYLOAD_INVALID (not a whole number of samples for each channel).
 */
export function decodePcm(payload: Uint8Array, format: PcmFormat): PcmSamples {
  const sampleBytes = PCM_SAMPLE_BYTES[format.codec];
  const groupBytes = sampleBytes * format.channels;
  if (payload.byteLength % groupBytes !== 0) {
    throw ringErrors.make("RING_PAYLOAD_INVALID", {
      what: "a PCM record",
      expected: `a multiple of ${groupBytes} bytes (${format.channels} channels of ${format.codec})`,
      received: `${payload.byteLength} bytes`,
    });
  }
  const { buffer, byteOffset, byteLength } = payload.byteOffset % sampleBytes === 0 ? payload : payload.slice();
  const length = byteLength / sampleBytes;
  return format.codec === "pcm_s16le"
    ? new Int16Array(buffer, byteOffset, length)
    : new Float32Array(buffer, byteOffset, length);
}

/** Takes one channel out of interleaved samples. Throws: RING_INVALID_ARGUMENT (no such channel). */
export function pcmChannel<Samples extends PcmSamples>(samples: Samples, channels: number, channel: number): Samples {
  if (!(channel >= 0 && channel < channels)) {
    throw ringErrors.make("RING_INVALID_ARGUMENT", {
      detail: `Expected a channel from 0 to ${channels - 1} but received ${channel}`,
    });
  }
  const one = new (samples.constructor as new (length: number) => Samples)(samples.length / channels);
  for (let i = 0; i < one.length; i++) {
    one[i] = samples[i * channels + channel] ?? 0;
  }
  return one;
}

/** Position of a sample on the 90 kHz clock, rounded to the nearest tick; the same for any number of records before it. */
export function pcmTicks90k(sampleIndex: number, sampleRateHz: number): bigint {
  return (BigInt(sampleIndex) * BigInt(TICKS_PER_S) * 2n + BigInt(sampleRateHz)) / (2n * BigInt(sampleRateHz));
}

function fault(detail: string) {
  return ringErrors.make("RING_SAMPLES_INVALID", { detail });
}
