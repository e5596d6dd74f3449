/** Codes that native/srt throws. Documented in docs/ref/errors.md. No message holds a passphrase. */
import { defineErrors, type LanthornError } from "@lanthorn/base";
import type { NativeFailure } from "./addon.ts";

/** Errors of the SRT listener and caller. */
export const srtErrors = defineErrors({
  SRT_PORT_TAKEN: [
    "already-exists",
    "UDP port {port} on {host} is taken by another program. Find it with `ss -lupn sport = :{port}` and stop it, or set srt.port to a free one",
  ],
  SRT_ADDRESS_INVALID: [
    "invalid-argument",
    "Expected a numeric IP address (to listen: one of this machine) but received {host}. For srt.host, 127.0.0.1 is this machine only and 0.0.0.0 every network",
  ],
  SRT_PORT_FORBIDDEN: [
    "permission-denied",
    "UDP port {port} needs a privilege that this process does not have. Set srt.port to 1024 or above",
  ],
  SRT_OPTION_INVALID: ["invalid-argument", "Expected {expected} for {field} but received {received}"],
  SRT_PASSPHRASE_INVALID: ["invalid-argument", "{reason}"],
  SRT_SINK_INVALID: [
    "invalid-argument",
    "Expected a byte sink (TsDemuxer.sink of @lanthorn/media) for camera {camera} but received something else",
  ],
  SRT_LIBRARY_FAILED: ["internal", "libsrt refused: {reason}"],
});

/** ltn_srt_status_e of include/lanthorn/srt.h, in its order; the code that each becomes. */
const CODE_OF_STATUS = [
  "SRT_LIBRARY_FAILED", // 0 is success and never comes here
  "SRT_PASSPHRASE_INVALID", // the core's only argument check beside those of src/
  "SRT_PORT_TAKEN",
  "SRT_ADDRESS_INVALID",
  "SRT_PORT_FORBIDDEN",
  "SRT_LIBRARY_FAILED",
  "SRT_LIBRARY_FAILED",
] as const;

/** Makes the LanthornError of a native failure, with the place it was about. */
export function errorOfFailure(failure: NativeFailure, place: { host: string; port: number }): LanthornError {
  const code = CODE_OF_STATUS[failure.status] ?? "SRT_LIBRARY_FAILED";
  return srtErrors.make(code, { ...place, reason: failure.message });
}
