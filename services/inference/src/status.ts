/** What inference says of itself: GET /status, faults of GET /health, metrics. */
import { Counter, Gauge, Histogram, type Registry } from "@lanthorn/base";
import type { InferenceStatus } from "@lanthorn/contract";
import type { CameraFleet } from "./cameras/camera-fleet.ts";
import type { EmbeddingHost } from "./embedding/embedding-host.ts";
import type { ModelHost } from "./model-host.ts";
import { RecentValues } from "./recent-values.ts";

/** Measures from the arrival of a frame to the record of an event. */
export class EventLatency {
  readonly #recent = new RecentValues();
  readonly #histogram: Histogram;

  constructor(metrics: Registry) {
    this.#histogram = new Histogram({
      name: "lanthorn_inference_arrival_to_event_seconds",
      help: "From the arrival of a frame's last byte to the event record.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5],
      registers: [metrics],
    });
  }

  /** Takes one measurement. */
  add(ms: number): void {
    this.#recent.add(ms);
    this.#histogram.observe(ms / 1000);
  }

  /** Percentiles of the last 1,000. */
  percentiles(): InferenceStatus["arrivalToEventMs"] {
    return this.#recent.percentiles();
  }
}

/** What the status is made of. */
export interface StatusParts {
  readonly host: ModelHost;
  /** Undefined without an embedding pack. */
  readonly embedding: EmbeddingHost | undefined;
  readonly fleet: CameraFleet;
  readonly latency: EventLatency;
}

/** Body of GET /status. */
export function inferenceStatus({ embedding, fleet, host, latency }: StatusParts): InferenceStatus {
  const rows = [host.row(), embedding?.row()].filter((row) => row !== undefined);
  return {
    service: "inference",
    models: rows.map((row) => ({ ...row })),
    cameras: fleet.rows().map((camera) => ({ ...camera })),
    arrivalToEventMs: latency.percentiles(),
    embedding: embedding === undefined ? null : { ...embedding.counts() },
  };
}

/** Counters that metrics show of every camera, and what they are. */
const CAMERA_COUNTERS = [
  ["framesInferred", "lanthorn_inference_frames_total", "Frames analysed."],
  [
    "framesDropped",
    "lanthorn_inference_frames_dropped_total",
    "Frames replaced by newer ones before they were analysed.",
  ],
  ["framesSkipped", "lanthorn_inference_frames_skipped_total", "Frames left out because of motion.maxFps."],
  ["events", "lanthorn_inference_events_total", "Events begun."],
  ["snapshots", "lanthorn_inference_snapshots_total", "Pictures of events written."],
  ["errors", "lanthorn_inference_errors_total", "Frames that could not be analysed."],
] as const;

/** Registers the metrics of cameras. */
export function registerMetrics(metrics: Registry, fleet: CameraFleet): void {
  for (const [field, name, help] of CAMERA_COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ["camera"],
      registers: [metrics],
      collect() {
        this.reset();
        for (const row of fleet.rows()) {
          this.inc({ camera: row.id }, row[field]);
        }
      },
    });
  }
  new Gauge({
    name: "lanthorn_inference_analysis_seconds",
    help: "Analysis of a frame, last 1,000 frames.",
    labelNames: ["camera", "quantile"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { id, inferenceMs } of fleet.rows()) {
        this.set({ camera: id, quantile: "0.5" }, inferenceMs.p50 / 1000);
        this.set({ camera: id, quantile: "0.95" }, inferenceMs.p95 / 1000);
      }
    },
  });
}
