/** How native/srt knows a camera's streams: as rows of its access table, the camera's id or `<id>/sub`. Pure. */
import type { StreamName } from "@lanthorn/contract";

const SUB = "/sub";

/** The row of a stream. Source: native/srt/core/stream_id.hpp. */
export function streamKey(cameraId: string, stream: StreamName): string {
  return stream === "sub" ? cameraId + SUB : cameraId;
}

/** The camera of a row. */
export function cameraOfKey(key: string): string {
  return key.endsWith(SUB) ? key.slice(0, -SUB.length) : key;
}

/** What a camera calls itself when it sends its sub-stream: its own stream id and `/sub`. */
export function subStreamIdOf(streamId: string): string {
  return streamId + SUB;
}
