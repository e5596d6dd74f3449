/** When something was captured, and the parts of a record's description that nearly every writer of samples leaves empty. */
import type { RecordMeta, RecordType } from "../record-meta.ts";

/** One instant on both clocks. Units: CLOCK_MONOTONIC nanoseconds, Unix microseconds. */
export type CaptureTime = { captureMonoNs: bigint; captureWallUs: bigint };

/** Describes a record that was made on this machine; every record of samples is a place to begin reading, hence key. */
export function sampleRecord(
  type: RecordType,
  capture: CaptureTime,
  times: { pts90k: bigint | undefined; duration90k: number },
): Omit<RecordMeta, "sequence" | "descriptionVersion"> {
  return {
    captureMonoNs: capture.captureMonoNs,
    captureWallUs: capture.captureWallUs,
    arrivalMonoNs: 0n,
    pts90k: times.pts90k,
    dts90k: times.pts90k,
    duration90k: times.duration90k,
    type,
    key: true,
    discontinuity: false,
    streamIndex: 0,
  };
}
