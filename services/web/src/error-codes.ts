/** Codes that the web service throws. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of the listener, of requests and of live view. */
export const webErrors = defineErrors({
  WEB_PORT_TAKEN: [
    "failed-precondition",
    "Port {port} on {host} is taken by another program. Stop it, or give this one another port: `--set http.port=8421` (0 = any free) or `port` under [http] in web.toml",
  ],
  WEB_PORT_FORBIDDEN: [
    "permission-denied",
    "This user may not listen on port {port} of {host}. Ports below 1024 need CAP_NET_BIND_SERVICE; choose one above: `--set http.port=8420`",
  ],
  WEB_ADDRESS_UNKNOWN: [
    "invalid-argument",
    "No network interface of this machine has the address {host} (`http.host`): expected 127.0.0.1, 0.0.0.0, :: or an address of this machine",
  ],
  WEB_UI_NOT_BUILT: [
    "failed-precondition",
    "The page is not built: {directory} has no index.html. Run `npm run build`; the API under /api works without it",
  ],
  WEB_HOST_REFUSED: [
    "permission-denied",
    "Host {host} is not a name of this box: expected an IP address, localhost, a .local name, or one listed in `http.names`",
  ],
  WEB_ORIGIN_REFUSED: [
    "permission-denied",
    "A page of {origin} may neither change anything at {host} nor open a connection to it: only pages that this box served may",
  ],
  WEB_BODY_NOT_JSON: [
    "invalid-argument",
    "Expected the header Content-Type: application/json with {method} but received {received}. A request that says nothing sends {}",
  ],
  WEB_REQUEST_INVALID: ["invalid-argument", "{faults}"],
  WEB_CAMERA_UNKNOWN: ["not-found", "No camera has the id {camera}. GET /api/cameras lists them"],
  WEB_CAMERA_PRIVATE: [
    "failed-precondition",
    "Camera {camera} is private now: neither shown nor recorded. Its recording settings say so (privacy, or a window of the schedule)",
  ],
  WEB_PICTURE_UNAVAILABLE: [
    "unavailable",
    "No decoded picture of {camera} is there now ({reason}). The camera may be off, or decode is not running",
  ],
  WEB_LIVE_MESSAGE_INVALID: [
    "invalid-argument",
    'Expected {"type":"webcodecs"|"mse","value":"<codec list>"} as the first message but received {received}',
  ],
  WEB_CODEC_UNSUPPORTED: [
    "unimplemented",
    "{camera} sends {codec}, which is not in the list this browser gave ({offered})",
  ],
  WEB_TOO_MANY_VIEWERS: [
    "resource-exhausted",
    "{count} live viewers are open, the most allowed (`live.maxSessions`). Close a page, or raise it in web.toml",
  ],
});
