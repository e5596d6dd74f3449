/** Codes that automation throws or shows in its status. Documented in docs/ref/errors.md#automation. */
import { defineErrors } from "@lanthorn/base";

/** Errors around the broker. What a restart cannot mend ends the start; the rest is shown in /status and tried again. */
export const automationErrors = defineErrors({
  MQTT_PORT_TAKEN: [
    "already-exists",
    "The built-in MQTT broker cannot listen on {host} port {port}: something else does. If that is your own broker, use it: " +
      'set mqtt.url = "mqtt://{host}:{port}" in automation.toml; otherwise choose another mqtt.port',
  ],
  MQTT_LISTEN_FAILED: [
    "failed-precondition",
    "The built-in MQTT broker cannot listen on {host} port {port} ({reason}). Set mqtt.host to an address of this machine " +
      "and mqtt.port to a port above 1023, or use an existing broker by mqtt.url",
  ],
  MQTT_OPEN_BROKER: [
    "failed-precondition",
    "The built-in MQTT broker would be open to everyone on {host}. Set mqtt.username and the credential mqtt-password, or " +
      "set mqtt.host back to 127.0.0.1",
  ],
  MQTT_UNREACHABLE: [
    "unavailable",
    "No MQTT broker answers at {url} ({reason}). Start it, or correct mqtt.url in automation.toml; events are kept until then",
  ],
  MQTT_LOGIN_REFUSED: [
    "unauthenticated",
    "The MQTT broker at {url} refused the login of {account} ({reason}). Correct mqtt.username in automation.toml and the " +
      "password in the credential mqtt-password",
  ],
  MQTT_REFUSED: [
    "unavailable",
    "The MQTT broker at {url} refused the connection ({reason}). Its own log says why; another attempt follows",
  ],
  MQTT_TLS_FAILED: [
    "unauthenticated",
    "The certificate of the MQTT broker at {url} was not accepted ({reason}). Set mqtt.caFile to the PEM file of the " +
      "authority that signed it, and use the host name that it carries",
  ],
  MQTT_CA_UNREADABLE: [
    "failed-precondition",
    "Cannot read mqtt.caFile {file} ({reason}). Set it to a PEM file that the service may read, or to nothing",
  ],
  MQTT_PUBLISH_REFUSED: [
    "permission-denied",
    "The MQTT broker did not take the message on {topic} ({reason}); it is skipped. Allow Lanthorn's account to write to " +
      "lanthorn/# and homeassistant/#, and raise the broker's packet limit if that is the reason",
  ],
  REQUEST_UNKNOWN: ["not-found", "Unknown request {verb}; bridge/request knows: {known}"],
  REQUEST_NOT_JSON: ["invalid-argument", "Expected JSON or nothing as the payload of bridge/request/{verb}"],
  MQTT_CONNECTION_LOST: [
    "unavailable",
    "The MQTT broker at {url} closed the connection ({reason}). Reconnecting; events are kept until then",
  ],
});
