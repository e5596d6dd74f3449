/** Prometheus metrics of decode, read from the status rows when asked. Names and meaning: docs/design/media.md#decode-service. */
import { Counter, Gauge, type Registry } from "@lanthorn/base";
import type { CameraRow } from "./camera-decoder.ts";

const PREFIX = "lanthorn_decode";

type Read = (row: CameraRow) => number;

const GAUGES: readonly (readonly [name: string, help: string, read: Read])[] = [
  ["frames_per_second", "Frames published a second.", (row) => row.fps],
  ["readers", "Readers of the frame ring that ask for frames now.", (row) => row.readers],
  [
    "full_demand",
    "1 while every frame is decoded, 0 while key frames only are.",
    (row) => (row.demand === "all" ? 1 : 0),
  ],
];

const COUNTERS: readonly (readonly [name: string, help: string, read: Read])[] = [
  ["frames_decoded_total", "Frames decoded.", (row) => row.framesDecoded],
  ["frames_published_total", "Frames published in the frame ring.", (row) => row.framesPublished],
  [
    "frames_skipped_total",
    "Frames not decoded or not published because nobody asked for them.",
    (row) => row.framesSkipped,
  ],
  ["frames_busy_total", "Frames not published because readers held every slot.", (row) => row.framesBusy],
  ["records_lost_total", "Packets overwritten before they were read.", (row) => row.recordsLost],
  ["sound_records_total", "Records of sound written.", ({ sensors }) => sensors.soundRecords],
  ["sound_gaps_total", "Places where sound is missing or began anew.", ({ sensors }) => sensors.soundGaps],
  ["sound_errors_total", "Packets of sound that were broken.", ({ sensors }) => sensors.soundErrors],
  ["imu_samples_total", "Samples of inertial sensors written.", ({ sensors }) => sensors.imuSamples],
  ["imu_units_rejected_total", "Units of IMU samples that were broken.", ({ sensors }) => sensors.imuUnitsRejected],
  ["imu_samples_dropped_total", "IMU samples that were impossible.", ({ sensors }) => sensors.imuSamplesDropped],
  ["errors_total", "Packets and frames that were broken.", (row) => row.errors],
];

/** Registers everything. rows: asked at each scrape. */
export function registerMetrics(registry: Registry, rows: () => readonly CameraRow[]): void {
  const registers = [registry];
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      ...{ name: `${PREFIX}_${name}`, help, labelNames: ["camera"], registers },
      collect() {
        this.reset(); // cameras that are gone do not stay
        for (const row of rows()) {
          this.set({ camera: row.id }, read(row));
        }
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      ...{ name: `${PREFIX}_${name}`, help, labelNames: ["camera"], registers },
      collect() {
        this.reset();
        for (const row of rows()) {
          this.inc({ camera: row.id }, read(row));
        }
      },
    });
  }
}
