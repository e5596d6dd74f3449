/** What automation says of itself: /status, the faults of /health, metrics. */
import { Gauge, type Registry } from "@lanthorn/base";
import type { AutomationStatus } from "@lanthorn/contract";
import { brokerUrl } from "./broker-source.ts";
import type { AutomationConfig } from "./config.ts";
import type { House } from "./house.ts";
import type { MqttSession } from "./mqtt-session.ts";
import type { Store } from "./store.ts";

/** The parts that are asked. */
export interface StatusParts {
  readonly config: AutomationConfig;
  readonly session: MqttSession;
  readonly store: Store;
  readonly house: House;
}

/** Body of GET /status. */
export function automationStatus({ config, session, store, house }: StatusParts): AutomationStatus {
  const { connected, lastError, version, published, connectFailures, retained } = session.state;
  return {
    service: "automation",
    broker: {
      url: session.url ?? brokerUrl(config.mqtt),
      embedded: config.mqtt.url === "",
      connected,
      lastError: lastError ?? null,
    },
    messagesPublished: published,
    mqttVersion: version === undefined ? null : version === 5 ? "5.0" : "3.1.1",
    connectFailures,
    retained,
    outbox: store.outboxState,
    ...house.status,
  };
}

/** A broker that is away is a fault of this service's surroundings, and the only one: everything else restarts it. */
export function automationFaults({ session }: StatusParts): string[] {
  const { connected, lastError } = session.state;
  return connected ? [] : [lastError ?? "Not connected to the MQTT broker yet"];
}

/** Adds the metrics of this service. */
export function registerMetrics(registry: Registry, { session, store }: StatusParts): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `lanthorn_mqtt_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge("connected", "1 while connected to the broker", () => Number(session.state.connected));
  gauge("messages_published", "Messages the broker took since this process started", () => session.state.published);
  gauge(
    "connect_failures",
    "Failed attempts to connect since this process started",
    () => session.state.connectFailures,
  );
  gauge("outbox_messages", "Events waiting for the broker", () => store.outboxState.pending);
  gauge("outbox_dropped", "Events dropped because the outbox was full", () => store.outboxState.dropped);
  gauge("retained_topics", "Topics kept retained at the broker", () => session.state.retained.topics);
}
