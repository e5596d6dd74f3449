/** Codes of @lanthorn/rings. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of shared-memory rings; `detail` is what the native core says. */
export const ringErrors = defineErrors({
  RING_INVALID_ARGUMENT: ["invalid-argument", "{detail}"],
  RING_NOT_FOUND: [
    "not-found",
    "No ring named {name}: its writer has not started. Start it, or see what there is with `npx lanthorn-rings ls`",
  ],
  RING_EXISTS: ["already-exists", "{detail}"],
  RING_NO_SPACE: ["resource-exhausted", "{detail}"],
  RING_TORN: ["aborted", "{detail}"],
  RING_GONE: ["unavailable", "The writer of ring {name} has ended or was replaced; reopen by name"],
  RING_CORRUPT: ["data-loss", "{detail}"],
  RING_BUSY: ["resource-exhausted", "{detail}"],
  RING_BUFFER_TOO_SMALL: ["invalid-argument", "{detail}"],
  RING_PERMISSION: ["permission-denied", "{detail}"],
  RING_SYSTEM: ["internal", "{detail}"],
  RING_CLOSED: ["failed-precondition", "Ring {name} was closed by this process; open it again before using it"],
  RING_WAITING: [
    "failed-precondition",
    "This reader of ring {name} waits already; await that wait, or open a second reader",
  ],
  RING_PIXEL_FORMAT_UNKNOWN: [
    "unimplemented",
    "Expected a pixel format whose planes are known here ({known}) but received {pixelFormat}; read the planes by their offsets and strides",
  ],
  RING_SAMPLES_INVALID: ["invalid-argument", "{detail}"],
  RING_PAYLOAD_INVALID: ["data-loss", "Expected {expected} as payload of {what} but received {received}"],
  RING_DESCRIPTION_INVALID: [
    "data-loss",
    "Expected {expected} for {field} of the ring's description but received {received}; see docs/ref/rings.md#descriptions",
  ],
  RING_ADDON_MISSING: ["failed-precondition", "{file} cannot be loaded ({reason}). Build it with `npm run build`"],
});
