/** Codes that lib/registry throws. Documented in docs/ref/errors.md. No message carries a secret. */
import { defineErrors } from "@lanthorn/base";

/** Errors of the registry database and of the secrets in it. */
export const registryErrors = defineErrors({
  DEVICE_KEY_INVALID: [
    "failed-precondition",
    "Expected exactly 32 bytes in the device key but received {bytes}. Restore the file device-key from a backup; a new key cannot open the stored passphrases",
  ],
  DEVICE_KEY_EXPOSED: [
    "permission-denied",
    "The device key {file} may be read by every user (mode {mode}). Run: chmod 600 {file}",
  ],
  SECRET_UNREADABLE: [
    "data-loss",
    "The {field} of camera {camera} does not open with this device key: the key is another one or the row is damaged. Restore device-key and registry.db from the same backup, or give the camera a new key (POST /cameras/{camera}/rekey)",
  ],
  REGISTRY_UNREADABLE: ["unavailable", "Cannot read {file}: {reason}. The last known cameras stay in use"],
  REGISTRY_LOCKED: [
    "unavailable",
    "{file} stayed locked by another process. Only services/cameras may write it; end whatever else holds it open",
  ],
  REGISTRY_FULL: ["resource-exhausted", "Cannot write {file}: {reason}. Free space on its disk; nothing was changed"],
  REGISTRY_CORRUPT: [
    "data-loss",
    "{file} is damaged: {reason}. Stop services/cameras and restore the file from a backup, together with its device-key",
  ],
  REGISTRY_NOT_WRITABLE: [
    "failed-precondition",
    "Cannot open {file} for writing: {reason}. Its directory must exist and belong to the user of services/cameras",
  ],
  REGISTRY_NEWER: [
    "failed-precondition",
    "{file} has schema version {found}; this program knows up to {known}. Update Lanthorn, or restore the registry from before the update",
  ],
  REGISTRY_STALE: [
    "unavailable",
    "{file} has schema version {found}; expected {known}. services/cameras brings it up to date when it starts",
  ],
});
