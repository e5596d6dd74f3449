/** One camera's decoder: follows demand, tells errors once a second. Does not: decode (native/media). Tested: test/camera-decoder.test.ts. */
import type { Clock } from "@lanthorn/base";
import type { Demand } from "@lanthorn/media";
import { demandFor } from "./demand.ts";

/** What the native decoder counts, as far as this service looks at it. */
export interface DecoderCounts {
  readonly state: string;
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly slots: number;
  readonly readers: number;
  readonly framesDecoded: number;
  readonly framesPublished: number;
  readonly framesSkipped: number;
  readonly framesBusy: number;
  readonly recordsLost: number;
  readonly errors: number;
  readonly lastError: string;
  readonly turns: number;
}

/** The decoder as this service uses it. */
export interface FrameDecoder {
  setDemand(demand: Demand, maxFps: number): void;
  statistics(): DecoderCounts;
  close(): void;
}

/** What the native sensor decoder counts, as far as this service looks at it. */
export interface SensorCounts {
  readonly soundSampleRateHz: number;
  readonly soundChannels: number;
  readonly soundRecords: number;
  readonly soundGaps: number;
  readonly soundErrors: number;
  readonly imuSampleRateHz: number;
  readonly imuSamples: number;
  readonly imuUnitsRejected: number;
  readonly imuSamplesDropped: number;
  readonly recordsLost: number;
  readonly errors: number;
  readonly lastError: string;
  readonly turns: number;
}

/** The sensor decoder as this service uses it. */
export interface SampleDecoder {
  statistics(): SensorCounts;
  close(): void;
}

/** What a CameraDecoder needs. */
export interface CameraDecoderOptions {
  readonly id: string;
  readonly decoder: FrameDecoder;
  readonly sensors: SampleDecoder;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
  readonly lingerMs: number;
  readonly maxFps: number;
}

/** A camera's row in GET /status: contract DecodeStatus with more. */
export interface CameraRow extends Omit<DecoderCounts, "codec" | "lastError" | "turns"> {
  readonly id: string;
  readonly demand: Demand;
  readonly codec: string | null;
  readonly lastError: string | null;
  /** Sound and samples of inertial sensors in the stream; lastError is that of either. */
  readonly sensors: Omit<SensorCounts, "lastError" | "turns"> & { readonly lastError: string | null };
}

/** Owns one camera's decoders. */
export class CameraDecoder {
  readonly id: string;
  readonly #options: CameraDecoderOptions;
  #demand: Demand = "key";
  #lastReaderMonoNs: bigint | undefined;
  #errorsTold = 0;
  #turnsSeen = -1;
  #sensorErrorsTold = 0;
  #sensorTurnsSeen = -1;

  constructor(options: CameraDecoderOptions) {
    this.id = options.id;
    this.#options = options;
    options.decoder.setDemand(this.#demand, options.maxFps);
  }

  /** Looks at who reads and asks the decoder for as much. Call several times a second: a new reader waits for it. */
  followInterest(): void {
    const { clock, decoder, lingerMs, maxFps } = this.#options;
    const { readers } = decoder.statistics();
    const nowMonoNs = clock.monoNs();
    if (readers > 0) {
      this.#lastReaderMonoNs = nowMonoNs;
    }
    const demand = demandFor({ readers, lastReaderMonoNs: this.#lastReaderMonoNs, nowMonoNs }, lingerMs);
    if (demand !== this.#demand) {
      this.#demand = demand;
      decoder.setDemand(demand, maxFps);
    }
  }

  /** Logs how many errors came since the last call, if any. Call once a second. */
  tellErrors(): void {
    const { errors, lastError } = this.#options.decoder.statistics();
    const count = errors - this.#errorsTold;
    if (count > 0) {
      this.#errorsTold = errors;
      this.#options.log.warn({ camera: this.id, count, lastError }, `${count} decode errors, last was: ${lastError}`);
    }
    this.#tellSensorErrors();
  }

  /** Whether both threads have turned since the last call; only a hung one has not. */
  hasTurned(): boolean {
    const { turns } = this.#options.decoder.statistics();
    const { turns: sensorTurns } = this.#options.sensors.statistics();
    const turned = turns !== this.#turnsSeen && sensorTurns !== this.#sensorTurnsSeen;
    this.#turnsSeen = turns;
    this.#sensorTurnsSeen = sensorTurns;
    return turned;
  }

  /** The camera's row in the status. */
  row(): CameraRow {
    // Field by field: the decoder's own statistics hold more than this interface names (a bigint, which JSON has not).
    const counts = this.#options.decoder.statistics();
    return {
      id: this.id,
      demand: this.#demand,
      state: counts.state,
      codec: counts.codec || null,
      widthPx: counts.widthPx,
      heightPx: counts.heightPx,
      fps: counts.fps,
      slots: counts.slots,
      readers: counts.readers,
      framesDecoded: counts.framesDecoded,
      framesPublished: counts.framesPublished,
      framesSkipped: counts.framesSkipped,
      framesBusy: counts.framesBusy,
      recordsLost: counts.recordsLost,
      errors: counts.errors,
      lastError: counts.lastError || null,
      sensors: this.#sensorRow(),
    };
  }

  /** Why no picture can be published although pictures are decoded; undefined when they are. */
  fault(): string | undefined {
    const { framesDecoded, slots, lastError } = this.#options.decoder.statistics();
    return framesDecoded > 0 && slots === 0 ? `camera ${this.id}: ${lastError}` : undefined;
  }

  /** Ends the decoders and their rings. */
  close(): void {
    this.#options.decoder.close();
    this.#options.sensors.close();
  }

  #sensorRow(): CameraRow["sensors"] {
    const counts = this.#options.sensors.statistics();
    return {
      soundSampleRateHz: counts.soundSampleRateHz,
      soundChannels: counts.soundChannels,
      soundRecords: counts.soundRecords,
      soundGaps: counts.soundGaps,
      soundErrors: counts.soundErrors,
      imuSampleRateHz: counts.imuSampleRateHz,
      imuSamples: counts.imuSamples,
      imuUnitsRejected: counts.imuUnitsRejected,
      imuSamplesDropped: counts.imuSamplesDropped,
      recordsLost: counts.recordsLost,
      errors: counts.errors,
      lastError: counts.lastError || null,
    };
  }

  #tellSensorErrors(): void {
    const counts = this.#options.sensors.statistics();
    const { soundErrors, imuUnitsRejected, imuSamplesDropped, errors, lastError } = counts;
    const all = soundErrors + imuUnitsRejected + imuSamplesDropped + errors;
    const count = all - this.#sensorErrorsTold;
    if (count > 0) {
      this.#sensorErrorsTold = all;
      const fields = { camera: this.id, count, soundErrors, imuUnitsRejected, imuSamplesDropped, lastError };
      this.#options.log.warn(
        fields,
        `${count} errors in sound or sensor samples, last was: ${lastError || "of the IMU"}`,
      );
    }
  }
}
