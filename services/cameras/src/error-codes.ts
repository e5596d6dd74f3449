/** Codes that services/cameras throws. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of asking for, changing and removing cameras. */
export const camerasErrors = defineErrors({
  CAMERA_INVALID: ["invalid-argument", "{count} fault(s) in the request:\n{faults}\nSee docs/ref/http-cameras.md"],
  CAMERA_EXISTS: [
    "already-exists",
    "Camera {camera} is already registered. Choose another id, or change it with PATCH /cameras/{camera}",
  ],
  CAMERA_PORT_TAKEN: [
    "already-exists",
    "UDP port {port} is camera {other}'s own; camera {camera} needs another one. GET /cameras lists them as source.port",
  ],
  CAMERA_NOT_FOUND: ["not-found", "No camera {camera} is registered. GET /cameras lists those that are"],
  CAMERA_LIMIT: [
    "resource-exhausted",
    "{limit} cameras are registered, which is the limit. Delete one, or raise maxCameras in cameras.toml",
  ],
  REKEY_NOT_SRT: ["failed-precondition", "Camera {camera} comes by {kind} and has no passphrase to renew"],
});
