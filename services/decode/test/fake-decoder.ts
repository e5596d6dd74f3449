/** A decoder whose counters a test sets by hand. */
import type { Demand } from "@lanthorn/media";
import type { DecoderCounts, FrameDecoder, SampleDecoder, SensorCounts } from "../src/camera-decoder.ts";

const NOTHING: DecoderCounts = {
  state: "waiting",
  codec: "",
  widthPx: 0,
  heightPx: 0,
  fps: 0,
  slots: 0,
  readers: 0,
  framesDecoded: 0,
  framesPublished: 0,
  framesSkipped: 0,
  framesBusy: 0,
  recordsLost: 0,
  errors: 0,
  lastError: "",
  turns: 0,
};

/** Remembers what it was told. */
export class FakeDecoder implements FrameDecoder {
  counts: DecoderCounts = NOTHING;
  readonly demands: [Demand, number][] = [];
  closed = false;

  set(changes: Partial<DecoderCounts>): void {
    this.counts = { ...this.counts, ...changes };
  }
  setDemand(demand: Demand, maxFps: number): void {
    this.demands.push([demand, maxFps]);
  }
  statistics(): DecoderCounts {
    return this.counts;
  }
  close(): void {
    this.closed = true;
  }
}

const SILENCE: SensorCounts = {
  soundSampleRateHz: 0,
  soundChannels: 0,
  soundRecords: 0,
  soundGaps: 0,
  soundErrors: 0,
  imuSampleRateHz: 0,
  imuSamples: 0,
  imuUnitsRejected: 0,
  imuSamplesDropped: 0,
  recordsLost: 0,
  errors: 0,
  lastError: "",
  turns: 0,
};

/** A sensor decoder whose counters a test sets by hand. */
export class FakeSensors implements SampleDecoder {
  counts: SensorCounts = SILENCE;
  closed = false;

  set(changes: Partial<SensorCounts>): void {
    this.counts = { ...this.counts, ...changes };
  }
  statistics(): SensorCounts {
    return this.counts;
  }
  close(): void {
    this.closed = true;
  }
}
