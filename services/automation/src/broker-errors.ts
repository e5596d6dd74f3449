/** What a broker's refusal or a socket's error means, in our words: the one place where they are translated. Pure. */
import { LanthornError } from "@lanthorn/base";
import { automationErrors } from "./error-codes.ts";

/** CONNACK codes. Source: MQTT 3.1.1 table 3.1 (1 to 5), MQTT 5 §3.2.2.2 (from 128). */
const REFUSALS: Readonly<Record<number, { readonly login: boolean; readonly words: string }>> = {
  1: { login: false, words: "it does not speak this MQTT version" },
  2: { login: false, words: "client identifier rejected" },
  3: { login: false, words: "it is not available" },
  4: { login: true, words: "bad user name or password" },
  // mosquitto says 5 / 135 for a wrong password, too: never more than "not authorised" to a stranger.
  5: { login: true, words: "not authorised" },
  132: { login: false, words: "it does not speak MQTT 5" },
  133: { login: false, words: "client identifier rejected" },
  134: { login: true, words: "bad user name or password" },
  135: { login: true, words: "not authorised" },
  136: { login: false, words: "it is not available" },
  137: { login: false, words: "it is busy" },
  138: { login: true, words: "this client is banned" },
};

/** Socket errors in words. */
const SOCKET_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nothing listens there",
  ENOTFOUND: "unknown host name",
  EAI_AGAIN: "the host name cannot be looked up now",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no network",
  ETIMEDOUT: "no answer",
  ECONNRESET: "it hung up",
  EACCES: "a firewall of this machine forbids it",
  EPERM: "a firewall of this machine forbids it", // IPAddressDeny= of the unit: only the LAN may be reached
};

/** Codes of Node's TLS layer that are about the certificate. Source: nodejs.org/api/tls.html#x509-certificate-error-codes. */
const CERTIFICATE_CODE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** Who was refused by whom. */
export interface BrokerIdentity {
  /** Without user info. */
  readonly url: string;
  /** Empty when we log in without an account. */
  readonly username: string;
}

/** Whether this refusal is about the protocol version only, so that an older one may be tried. */
export function isVersionRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 1 || code === 132;
}

/** Translates what the client library gave on a failed attempt. */
export function connectError(error: unknown, broker: BrokerIdentity): LanthornError {
  if (error instanceof LanthornError) {
    return error;
  }
  const { code, message } = error as { code?: unknown; message?: string };
  const { url } = broker;
  if (typeof code === "number") {
    const refusal = REFUSALS[code];
    const reason = refusal?.words ?? `code ${code}`;
    const account = broker.username === "" ? "a client without an account" : `user ${broker.username}`;
    return refusal?.login === true
      ? automationErrors.make("MQTT_LOGIN_REFUSED", { url, account, reason }, error)
      : automationErrors.make("MQTT_REFUSED", { url, reason }, error);
  }
  if (typeof code === "string" && CERTIFICATE_CODE.test(code)) {
    return automationErrors.make("MQTT_TLS_FAILED", { url, reason: message ?? code }, error);
  }
  const words = typeof code === "string" ? SOCKET_WORDS[code] : undefined;
  return automationErrors.make("MQTT_UNREACHABLE", { url, reason: words ?? message ?? "no answer" }, error);
}
