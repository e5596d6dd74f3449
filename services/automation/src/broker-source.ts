/** Where the broker is: the built-in one, started when first needed, or the one that mqtt.url names. */
import { readFileSync } from "node:fs";
import type { AutomationConfig } from "./config.ts";
import { EmbeddedBroker } from "./embedded-broker.ts";
import { automationErrors } from "./error-codes.ts";
import type { BrokerAddress, BrokerSource } from "./mqtt-session.ts";

/** The built-in broker or an existing one, as the configuration says. password: of mqtt.username, empty when there is none. */
export function brokerSource(config: AutomationConfig["mqtt"], password: string): BrokerSource {
  return config.url === "" ? new BuiltInBroker(config, password) : existingBroker(config, password);
}

/** The address in words, before anything is connected; never with user info. */
export function brokerUrl(config: AutomationConfig["mqtt"]): string {
  return config.url === "" ? builtInUrl(config.host, config.port) : config.url;
}

function builtInUrl(host: string, port: number): string {
  return `mqtt://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function existingBroker(config: AutomationConfig["mqtt"], password: string): BrokerSource {
  return {
    acquire: async () => ({
      url: config.url,
      username: config.username,
      password,
      ca: config.caFile === "" ? undefined : readCa(config.caFile),
      version: 5,
    }),
    release: async () => {},
  };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw automationErrors.make("MQTT_CA_UNREADABLE", { file, reason: (error as Error).message }, error);
  }
}

class BuiltInBroker implements BrokerSource {
  readonly #config: AutomationConfig["mqtt"];
  readonly #password: string;
  #broker: EmbeddedBroker | undefined;

  constructor(config: AutomationConfig["mqtt"], password: string) {
    this.#config = config;
    this.#password = password;
  }

  async acquire(): Promise<BrokerAddress> {
    const { host, port, username } = this.#config;
    const password = this.#password;
    const account = username === "" || password === "" ? undefined : { username, password };
    this.#broker ??= await EmbeddedBroker.start({ host, port, account });
    return {
      url: builtInUrl(host, this.#broker.port),
      username: account?.username ?? "",
      password,
      ca: undefined,
      version: 4, // aedes has no MQTT 5
    };
  }

  async release(): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    await broker?.close();
  }
}
