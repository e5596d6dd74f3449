/** Packet ring in, rings of sound and IMU samples out, on a native thread. Rules: docs/design/media.md#sensors. Tested: test/sensor-decoder.test.ts. */
import { addon, type Handle } from "./addon.ts";
import { requireText, translated } from "./native-error.ts";
import { OpenHandle } from "./open-handle.ts";

/** States of a sensor decoder: no packet ring, a stream with neither sound nor sensors, at work, closed. */
export const SENSOR_DECODER_STATES = ["waiting", "idle", "decoding", "closed"] as const;

/** One of SENSOR_DECODER_STATES. */
export type SensorDecoderState = (typeof SENSOR_DECODER_STATES)[number];

/**
 * Counters since the sensor decoder was opened. soundSamples: of each channel; soundGaps: places where samples are missing or the time line
 * began anew; soundErrors: packets that libavcodec refused. imuUnitsRejected: cut off, impossible, without a time or not after the one
 * before; imuSamplesDropped: the same of single samples. errors: faults of rings. soundSampleRateHz, soundChannels and imuSampleRateHz
 * are 0 before the first sample. turns stand still only if the thread hangs.
 */
export type SensorStatistics = {
  state: SensorDecoderState;
  soundPackets: number;
  soundRecords: number;
  soundSamples: number;
  soundGaps: number;
  soundErrors: number;
  soundSampleRateHz: number;
  soundChannels: number;
  imuUnits: number;
  imuSamples: number;
  imuUnitsRejected: number;
  imuSamplesDropped: number;
  imuSampleRateHz: number;
  recordsLost: number;
  errors: number;
  lastError: string;
  attachments: number;
  turns: number;
};

/** How a SensorDecoder is made. */
export type SensorDecoderOptions = { cameraId: string; packetRing: string; audioRing: string; imuRing: string };

/**
 * Decodes the sound of a packet ring into PCM records (pcm_s16le), and IMU samples in its private data into IMU records. It attaches to the
 * packet ring by itself, again whenever that ring is replaced; each of its rings appears with the first sample.
 * Owner: close() joins the thread and closes the rings.
 */
export class SensorDecoder {
  readonly #handle: OpenHandle<Handle<"sensor-decoder">>;

  private constructor(handle: Handle<"sensor-decoder">) {
    this.#handle = new OpenHandle("SensorDecoder", handle, addon().sensorDecoderClose);
  }

  /** Starts the thread. Throws: MEDIA_INVALID_ARGUMENT, MEDIA_SYSTEM. */
  static open(options: SensorDecoderOptions): SensorDecoder {
    const { cameraId, packetRing, audioRing, imuRing } = options;
    requireText("cameraId", cameraId);
    requireText("packetRing", packetRing);
    requireText("audioRing", audioRing);
    requireText("imuRing", imuRing);
    return new SensorDecoder(translated(() => addon().sensorDecoderOpen(cameraId, packetRing, audioRing, imuRing)));
  }

  /** Counters since it was opened. Throws: MEDIA_CLOSED. */
  statistics(): SensorStatistics {
    return addon().sensorDecoderStatistics(this.#handle.get());
  }

  /** Joins the thread and closes the rings; may be called twice. */
  close(): void {
    this.#handle.close();
  }
}
