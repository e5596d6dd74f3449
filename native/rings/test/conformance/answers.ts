/** The forms in which drivers answer (README.md of this folder); made from what was written, or by the TypeScript driver from what was read. */
import type { FrameMeta, RecordMeta } from "../../src/index.ts";

/** One line of a driver, parsed. */
export type Answer = { error?: string; [field: string]: unknown };

/** A frame's description as drivers print it. */
export function frameAnswer(meta: FrameMeta) {
  return {
    sequence: String(meta.sequence),
    capture_mono_ns: String(meta.captureMonoNs),
    capture_wall_us: String(meta.captureWallUs),
    arrival_mono_ns: String(meta.arrivalMonoNs),
    publish_mono_ns: String(meta.publishMonoNs),
    pts_90k: String(meta.pts90k),
    source_sequence: String(meta.sourceSequence),
    width_px: meta.widthPx,
    height_px: meta.heightPx,
    flags: meta.key ? 1 : 0,
    bytes: meta.bytes,
    planes: meta.planes.map((plane) => [plane.offsetBytes, plane.strideBytes]),
    pixel_format: meta.pixelFormat,
    color_space: meta.colorSpace,
    color_range: meta.colorRange,
  };
}

/** A record's description as drivers print it. */
export function recordAnswer(meta: RecordMeta, payloadBytes: number) {
  return {
    sequence: String(meta.sequence),
    capture_mono_ns: String(meta.captureMonoNs),
    capture_wall_us: String(meta.captureWallUs),
    arrival_mono_ns: String(meta.arrivalMonoNs),
    pts_90k: String(meta.pts90k ?? "none"),
    dts_90k: String(meta.dts90k ?? "none"),
    duration_90k: meta.duration90k,
    type: meta.type,
    flags: (meta.key ? 1 : 0) | (meta.discontinuity ? 2 : 0),
    stream_index: meta.streamIndex,
    description_version: meta.descriptionVersion,
    payload_bytes: payloadBytes,
  };
}

/** A 32-bit sample with the nine digits that tell it from every other; null: not a number that JSON has. */
export function f32Answer(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}
