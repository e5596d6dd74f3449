/**
 * One connection to a broker, from CONNECT to its end: MQTT 5, or 3.1.1 where the broker refuses 5.
 * Does: connect, publish, subscribe, say when it is over. Does not: reconnect, remember anything (mqtt-session.ts).
 */
import { type Clock, LanthornError } from "@lanthorn/base";
import mqtt, { type MqttClient } from "mqtt";
import { type BrokerIdentity, connectError, isVersionRefusal } from "./broker-errors.ts";
import { automationErrors } from "./error-codes.ts";
import type { OutgoingMessage } from "./topics.ts";

/** How to reach the broker and what it shall say when we are gone. */
export interface ConnectOptions extends BrokerIdentity {
  readonly password: string;
  readonly ca: Buffer | undefined;
  readonly clientId: string;
  readonly keepaliveS: number;
  readonly will: OutgoingMessage;
  /** The highest version to offer; the one that worked last time saves an attempt. */
  readonly version: MqttVersion;
}

/** Protocol versions as CONNECT numbers them: 5, and 4 for MQTT 3.1.1. */
export type MqttVersion = 5 | 4;

/** A message from the broker. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** True when it was stored at the broker before we subscribed. */
  readonly retained: boolean;
}

/** Longest wait for the broker's answer to CONNECT, milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Longest wait for a clean goodbye, milliseconds. */
const GOODBYE_TIMEOUT_MS = 1000;

/** Fixed header, topic length, packet id and properties of a PUBLISH never need more bytes than this. */
const PUBLISH_OVERHEAD_BYTES = 64;

/**
 * Connects. Throws: MQTT_UNREACHABLE, MQTT_LOGIN_REFUSED, MQTT_REFUSED, MQTT_TLS_FAILED, ABORTED.
 * Owner: close() when done.
 */
export async function connectBroker(options: ConnectOptions, signal: AbortSignal): Promise<BrokerConnection> {
  try {
    return await attempt(options, options.version, signal);
  } catch (error) {
    if (options.version === 5 && isVersionRefusal(error) && !signal.aborted) {
      return await attempt(options, 4, signal).catch((second: unknown) => {
        throw connectError(second, options);
      });
    }
    throw connectError(error, options);
  }
}

function attempt(options: ConnectOptions, version: MqttVersion, signal: AbortSignal): Promise<BrokerConnection> {
  const { will } = options;
  const client = mqtt.connect(options.url, {
    protocolVersion: version,
    reconnectPeriod: 0, // mqtt-session.ts decides when to try again
    connectTimeout: CONNECT_TIMEOUT_MS,
    clientId: options.clientId,
    clean: true,
    keepalive: options.keepaliveS,
    resubscribe: false,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain },
    ...(options.username === "" ? {} : { username: options.username, password: options.password }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  return new Promise((resolve, reject) => {
    let lastError: unknown;
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", onAbort);
      client.end(true);
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    client.on("error", (error) => {
      lastError = error; // also keeps a late error from ending the process
      fail(error);
    });
    client.once("close", () => fail(lastError ?? new Error("it closed the connection without an answer")));
    client.once("connect", (packet) => {
      signal.removeEventListener("abort", onAbort);
      const limit = packet.properties?.maximumPacketSize;
      resolve(new BrokerConnection(client, version, limit ?? Number.POSITIVE_INFINITY, options));
    });
  });
}

/** A connection that stands until `closed` resolves. */
export class BrokerConnection {
  readonly version: MqttVersion;
  /** Resolves when the connection is over, with the reason. Never rejects. */
  readonly closed: Promise<LanthornError>;
  readonly #client: MqttClient;
  readonly #maxPacketBytes: number;

  constructor(client: MqttClient, version: MqttVersion, maxPacketBytes: number, broker: BrokerIdentity) {
    this.#client = client;
    this.version = version;
    this.#maxPacketBytes = maxPacketBytes;
    this.closed = new Promise((resolve) => {
      let reason = "without a word";
      client.on("error", (error) => {
        reason = error.message;
      });
      client.on("disconnect", (packet) => {
        reason = packet.properties?.reasonString ?? `reason code ${packet.reasonCode}`;
      });
      client.once("close", () => resolve(automationErrors.make("MQTT_CONNECTION_LOST", { url: broker.url, reason })));
    });
  }

  /** Calls back for every message. */
  onMessage(callback: (message: IncomingMessage) => void): void {
    this.#client.on("message", (topic, payload, packet) => callback({ topic, payload, retained: packet.retain }));
  }

  /** Subscribes with QoS 1. Throws: the closing reason when the connection ends before the answer. */
  async subscribe(topics: string[]): Promise<void> {
    await this.#whileOpen(this.#client.subscribeAsync(topics, { qos: 1 }));
  }

  /** Ends a subscription. */
  async unsubscribe(topic: string): Promise<void> {
    await this.#whileOpen(this.#client.unsubscribeAsync(topic));
  }

  /**
   * Publishes; resolves when the broker has it (QoS 1) or it is on its way (QoS 0).
   * Throws: MQTT_PUBLISH_REFUSED when the broker does not take this message; the closing reason when the connection ends.
   */
  async publish(message: OutgoingMessage): Promise<void> {
    const { topic, payload, qos, retain } = message;
    const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload) + PUBLISH_OVERHEAD_BYTES;
    if (bytes > this.#maxPacketBytes) {
      const reason = `${bytes} bytes, it takes ${this.#maxPacketBytes}`;
      throw automationErrors.make("MQTT_PUBLISH_REFUSED", { topic, reason });
    }
    const published = this.#client.publishAsync(topic, payload, { qos, retain }).catch((error: unknown) => {
      const { code, message: words } = error as { code?: unknown; message: string };
      if (typeof code === "number" && code >= 0x80) {
        throw automationErrors.make("MQTT_PUBLISH_REFUSED", { topic, reason: words }, error); // PUBACK of MQTT 5
      }
      throw error;
    });
    await this.#whileOpen(published);
  }

  /** Says goodbye (no last will then) and closes; may be called twice. */
  async close(clock: Clock): Promise<void> {
    const ended = this.#client.endAsync().catch(() => {});
    await Promise.race([ended, this.closed, clock.sleep(GOODBYE_TIMEOUT_MS)]);
    this.#client.end(true);
  }

  async #whileOpen(operation: Promise<unknown>): Promise<void> {
    const outcome = await Promise.race([
      operation.then(
        () => undefined,
        (error: unknown) => error,
      ),
      this.closed,
    ]);
    if (outcome === undefined) {
      return;
    }
    if (!(outcome instanceof LanthornError)) {
      this.#client.end(true); // the library gave up on this message: begin again rather than guess in what state it is
    }
    throw outcome instanceof LanthornError ? outcome : await this.closed;
  }
}
