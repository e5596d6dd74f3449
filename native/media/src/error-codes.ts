/** Codes of @lanthorn/media. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of demuxers, decoder, muxer and pictures; `detail` is what the native core says. */
export const mediaErrors = defineErrors({
  MEDIA_INVALID_ARGUMENT: ["invalid-argument", "{detail}"],
  MEDIA_RING_EXISTS: ["already-exists", "{detail}"],
  MEDIA_NO_SPACE: ["resource-exhausted", "{detail}"],
  MEDIA_PERMISSION: ["permission-denied", "{detail}"],
  MEDIA_CORRUPT: ["data-loss", "{detail}"],
  MEDIA_SYSTEM: ["internal", "{detail}"],
  MEDIA_CLOSED: ["failed-precondition", "{what} was closed by this process; make a new one"],
  MEDIA_ADDON_MISSING: ["failed-precondition", "{file} cannot be loaded ({reason}). Build it with `npm run build`"],
});

/** A code of this package. */
export type MediaErrorCode = keyof typeof mediaErrors.definitions;
