/** Codes that services/ingest throws. Documented in docs/ref/errors.md. No message carries a secret. */
import { defineErrors } from "@lanthorn/base";

/** Errors of sources. */
export const ingestErrors = defineErrors({
  SOURCE_URL_INVALID: [
    "invalid-argument",
    "Expected srt://host:port as source of camera {camera} but received {received}. Correct the camera's source",
  ],
  SOURCE_KEY_MISSING: [
    "failed-precondition",
    "Camera {camera} has no passphrase that this box can read; give it a new key (POST /cameras/{camera}/rekey)",
  ],
  SOURCE_PORT_TAKEN: [
    "already-exists",
    "UDP port {port} of camera {camera} is taken by another program or by ingest itself. Find it with `ss -lupn sport = :{port}`, or give the camera another port (PATCH /cameras/{camera})",
  ],
  SOURCE_CERTIFICATE_CHANGED: [
    "unauthenticated",
    'Camera {camera} changed its certificate: it shows {came}, and {expected} is kept (SHA-256). If it was reset, updated or replaced, accept the new one (PATCH /cameras/{camera} with {"certificateSha256":"{came}"}); else another machine answers in its place',
  ],
  SOURCE_RING_TOO_SMALL: [
    "resource-exhausted",
    "Camera {camera} ({stream}) is to be kept for {preRollS} s before an event: a packet ring of {holdS} s at its {mbps} Mbit/s needs {neededBytes} bytes, and {availableBytes} bytes are available in /dev/shm and the service's memory limit. It keeps {keptS} s. Make /dev/shm larger (mount -o remount,size=… /dev/shm), or lower the camera's preRollS or bitrate",
  ],
  SOURCE_UNREACHABLE: ["unavailable", "Camera {camera} at {peer}: {reason}"],
});
