/**
 * The standing relation to a broker: connect, keep its retained messages true, deliver waiting events in order, and begin
 * again whenever it goes away. Nothing else in the service knows whether a broker is up.
 * Full queues: retained topics keep the newest; the outbox drops its oldest (store.ts) and counts.
 */
import { type Clock, isAborted, LanthornError, type Log, type Module, retry, toLanthornError } from "@lanthorn/base";
import { answerRequest } from "./bridge-requests.ts";
import type { BrokerConnection, IncomingMessage } from "./broker-connection.ts";
import { type ConnectOptions, connectBroker, type MqttVersion } from "./broker-connection.ts";
import { DiscoveryWatch } from "./discovery-watch.ts";
import { RetainedState } from "./retained-state.ts";
import type { Store } from "./store.ts";
import type { OutgoingMessage, TopicTree } from "./topics.ts";

/** Makes sure that there is a broker, and says how to connect to it: the built-in one, or the configured one. */
export interface BrokerSource {
  /** Throws: why there is none. */
  acquire(): Promise<BrokerAddress>;
  release(): Promise<void>;
}

/** Where the broker is. */
export type BrokerAddress = Pick<ConnectOptions, "url" | "username" | "password" | "ca" | "version">;

/** What a session needs. */
export interface MqttSessionOptions {
  readonly broker: BrokerSource;
  readonly topics: TopicTree;
  readonly clientId: string;
  readonly keepaliveS: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of a fault that only a restart can cure. */
  readonly fail: (error: unknown) => void;
  /** A number in 0..1 for the spread of republishing; Math.random outside tests. */
  readonly random?: () => number;
}

/** How the session stands. */
export interface SessionState {
  readonly connected: boolean;
  readonly lastError: string | undefined;
  readonly version: MqttVersion | undefined;
  readonly published: number;
  readonly connectFailures: number;
  readonly retained: { readonly topics: number; readonly dirty: number };
}

/** Messages under way at once: hides the broker's round trip, and keeps what a lost connection may repeat small. */
const WINDOW = 16;

/** How long after connecting our own retained bridge/info may take to come back. Source: zigbee2mqtt lib/mqtt.ts. */
const RETAINED_CHECK_MS = 2000;

/** Home Assistant needs a moment after its birth message; the spread keeps many publishers apart. */
const BIRTH_DELAY_MS = { min: 1000, max: 10_000 } as const;

/** Pause after a lost connection, so that two clients with one id do not throw each other out in a tight loop. */
const RECONNECT_PAUSE_MS = 1000;

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** The module that talks to the broker. */
export class MqttSession implements Module {
  readonly name = "mqtt";
  readonly #options: MqttSessionOptions;
  readonly #retained = new RetainedState();
  readonly #remembered = new Set<string>();
  #connection: BrokerConnection | undefined;
  #address: BrokerAddress | undefined;
  #lastError: string | undefined;
  #published = 0;
  #connectFailures = 0;
  #connections = 0;
  #wake = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;

  constructor(options: MqttSessionOptions) {
    this.#options = options;
  }

  /**
   * Begins to connect in the background: the service is ready whether or not a broker answers.
   * Throws: what is wrong with the configuration, or with the built-in broker's port, and will not mend by itself.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { broker, topics } = this.#options;
    this.#address = await broker.acquire();
    this.#retained.set(topics.message("bridgeState", {}, "online"));
    this.#ended = this.#run(signal).catch(this.#options.fail);
  }

  /** Says offline, says goodbye, closes. */
  async stop(): Promise<void> {
    await this.#ended;
    await this.#options.broker.release();
  }

  /** How the session stands. */
  get state(): SessionState {
    return {
      connected: this.#connection !== undefined,
      lastError: this.#lastError,
      version: this.#connection?.version,
      published: this.#published,
      connectFailures: this.#connectFailures,
      retained: this.#retained.size,
    };
  }

  /** The broker's address without secrets, once known. */
  get url(): string | undefined {
    return this.#address?.url;
  }

  /** Keeps this message retained at the broker from now on. camera: whose it is, so that it can be cleared with the camera. */
  retain(message: OutgoingMessage, camera?: string): void {
    if (camera !== undefined && !this.#remembered.has(message.topic)) {
      this.#options.store.rememberRetained(camera, message.topic);
      this.#remembered.add(message.topic);
    }
    if (this.#retained.set(message)) {
      this.wake();
    }
  }

  /** Clears every retained topic of a camera, also those of earlier runs of this service. */
  forgetCamera(camera: string): void {
    for (const topic of this.#options.store.retainedTopics(camera)) {
      this.#retained.clear(topic);
      this.#remembered.delete(topic);
    }
    this.wake();
  }

  /** Sends everything again, and speaks also where Home Assistant had removed us. */
  announce(): void {
    this.#retained.unsilence();
    this.#retained.markDirty();
    this.wake();
  }

  /** Says that there may be something to send. */
  wake(): void {
    this.#wake.resolve();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        const connection = await this.#connect(signal);
        this.#connection = connection;
        const reason = await this.#serve(connection, signal);
        this.#connection = undefined;
        this.#lastError = reason.message;
        log.warn({ code: reason.code }, reason.message);
        await clock.sleep(RECONNECT_PAUSE_MS, signal);
      } catch (error) {
        if (!isAborted(error) && !signal.aborted) {
          throw error;
        }
      }
    }
    await this.#sayGoodbye();
  }

  async #connect(signal: AbortSignal): Promise<BrokerConnection> {
    const { broker, clock, clientId, keepaliveS, log, topics } = this.#options;
    const will = topics.message("bridgeState", {}, "offline");
    const connect = async () => {
      const address = await broker.acquire();
      this.#address = address;
      return connectBroker({ ...address, clientId, keepaliveS, will }, signal);
    };
    const connection = await retry(clock, signal, connect, {
      firstDelayMs: FIRST_RETRY_MS,
      maxDelayMs: LAST_RETRY_MS,
      onFailure: (thrown, attempt, nextDelayMs) => {
        const error = toLanthornError(thrown);
        this.#connectFailures++;
        // The same words again and again would bury everything else in the journal.
        const level = this.#lastError === error.message ? "debug" : "warn";
        this.#lastError = error.message;
        log[level]({ code: error.code, attempt, nextDelayMs }, error.message);
      },
    });
    this.#lastError = undefined;
    log.info(
      { url: this.#address?.url, mqttVersion: connection.version === 5 ? "5.0" : "3.1.1" },
      "connected to the broker",
    );
    return connection;
  }

  /** Works on one connection until it is lost (returns why) or the service stops (throws ABORTED). */
  async #serve(connection: BrokerConnection, signal: AbortSignal): Promise<LanthornError> {
    const { clock, topics } = this.#options;
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const watch = new DiscoveryWatch(topics.discoveryPrefix);
    const info = topics.topic("bridgeInfo");
    let ownInfoCameBack = false;
    const isReconnection = this.#connections > 0; // on the first one everything is sent anyway
    this.#connections++;
    connection.onMessage((message) => {
      if (message.topic === info) {
        ownInfoCameBack ||= message.retained;
      } else {
        this.#receive(message, watch, until);
      }
    });
    try {
      await connection.subscribe([topics.topic("birth"), topics.topic("request"), info]);
      // The broker has told the world "offline" if it saw the last connection break.
      this.#retained.markDirty(topics.topic("bridgeState"));
      const checking = clock.sleep(RETAINED_CHECK_MS, until).then(async () => {
        if (!ownInfoCameBack && isReconnection) {
          this.#retained.markDirty(); // a broker without persistence was restarted: it has forgotten everything
          this.wake();
        }
        await connection.unsubscribe(info);
      });
      checking.catch(() => {}); // the loop below hears of a lost connection, too
      return await this.#pump(connection, watch, until);
    } catch (error) {
      if (error instanceof LanthornError && error.code === "MQTT_CONNECTION_LOST") {
        return error;
      }
      throw error;
    } finally {
      over.abort();
    }
  }

  async #pump(connection: BrokerConnection, watch: DiscoveryWatch, signal: AbortSignal): Promise<LanthornError> {
    const aborted = Promise.withResolvers<"aborted">();
    signal.addEventListener("abort", () => aborted.resolve("aborted"), { once: true });
    for (;;) {
      this.#wake = Promise.withResolvers<void>();
      const sending = this.#sendAll(connection, watch, signal);
      sending.catch(() => {}); // heard below, unless the service stops first
      await Promise.race([sending, aborted.promise]);
      signal.throwIfAborted();
      const woken = await Promise.race([this.#wake.promise, connection.closed, aborted.promise]);
      signal.throwIfAborted();
      if (woken instanceof LanthornError) {
        return woken;
      }
    }
  }

  async #sendAll(connection: BrokerConnection, watch: DiscoveryWatch, signal: AbortSignal): Promise<void> {
    while ((await this.#sendRetained(connection, watch)) || (await this.#sendEvents(connection))) {
      signal.throwIfAborted();
    }
  }

  /** Sends some changed retained messages; false when there was none. */
  async #sendRetained(connection: BrokerConnection, watch: DiscoveryWatch): Promise<boolean> {
    const messages = this.#retained.next(WINDOW);
    const unwatched = watch.unwatched(messages);
    if (unwatched.length > 0) {
      await connection.subscribe(unwatched);
      watch.subscribed(unwatched);
    }
    for (const message of messages) {
      watch.sending(message);
    }
    await this.#publishAll(connection, messages);
    for (const message of messages) {
      if (this.#retained.sent(message)) {
        this.#options.store.forgetRetained(message.topic);
      }
    }
    return messages.length > 0;
  }

  /** Sends the oldest waiting events; false when there was none. */
  async #sendEvents(connection: BrokerConnection): Promise<boolean> {
    const { clock, store } = this.#options;
    const rows = store.outboxHead(WINDOW);
    const last = rows.at(-1);
    if (last === undefined) {
      return false;
    }
    const nowWallMs = clock.wallUs() / 1000;
    const worthSending = rows.filter((row) => row.expiresWallMs === null || row.expiresWallMs > nowWallMs);
    await this.#publishAll(
      connection,
      worthSending.map(({ topic, payload }) => ({ topic, payload, retain: false, qos: 1 })),
    );
    store.outboxDone(last.id);
    return true;
  }

  /** One TCP stream and one window: the broker gets them in this order. */
  async #publishAll(connection: BrokerConnection, messages: readonly OutgoingMessage[]): Promise<void> {
    const results = await Promise.allSettled(messages.map((message) => connection.publish(message)));
    for (const result of results) {
      if (result.status === "fulfilled") {
        this.#published++;
        continue;
      }
      const error = toLanthornError(result.reason);
      if (error.code !== "MQTT_PUBLISH_REFUSED") {
        throw error;
      }
      if (this.#lastError !== error.message) {
        this.#lastError = error.message;
        this.#options.log.warn({ code: error.code }, error.message);
      }
    }
  }

  #receive(message: IncomingMessage, watch: DiscoveryWatch, signal: AbortSignal): void {
    const { log, topics } = this.#options;
    const { topic, payload, retained } = message;
    if (topic === topics.topic("birth")) {
      if (payload.toString() === "online" && !retained) {
        this.#republishSoon(signal);
      }
    } else if (watch.includes(topic)) {
      if (watch.isClearedByOthers(topic, payload) && this.#retained.silence(topic)) {
        log.info(
          { topic },
          "removed in Home Assistant; announced again at the next start or by bridge/request/announce",
        );
      }
    } else if (!retained) {
      this.#answer(topic, payload);
    }
  }

  #republishSoon(signal: AbortSignal): void {
    const { clock, random = Math.random } = this.#options;
    const delayMs = BIRTH_DELAY_MS.min + random() * (BIRTH_DELAY_MS.max - BIRTH_DELAY_MS.min);
    clock.sleep(delayMs, signal).then(
      () => {
        this.#retained.markDirty();
        this.wake();
      },
      () => {}, // the connection went first: everything that matters is sent on the next one
    );
  }

  #answer(topic: string, payload: Buffer): void {
    const verb = topic.slice(topic.lastIndexOf("/") + 1);
    const announce = () => {
      this.announce();
      return {};
    };
    const response = answerRequest(verb, payload, { announce });
    this.#connection?.publish(this.#options.topics.message("response", { verb }, response)).then(
      () => {
        this.#published++;
      },
      () => {}, // whoever asked will ask again
    );
  }

  async #sayGoodbye(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) {
      return;
    }
    const { clock, topics } = this.#options;
    const said = connection.publish(topics.message("bridgeState", {}, "offline")).catch(() => {});
    await Promise.race([said, clock.sleep(RECONNECT_PAUSE_MS)]);
    await connection.close(clock);
  }
}
