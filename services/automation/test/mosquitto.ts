/** A real mosquitto on a free loopback port, for tests. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "@lanthorn/testing";
import mqtt, { type MqttClient } from "mqtt";

const PROGRAM = "/usr/sbin/mosquitto";

/** How the broker shall be. */
export interface MosquittoOptions {
  /** Speaks TLS with this certificate and key (PEM files). */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Account that may log in; without one everybody may. */
  readonly username?: string;
  readonly password?: string;
}

/** A mosquitto that can be stopped and started again on its port, with nothing remembered in between. */
export class Mosquitto {
  readonly port: number;
  readonly url: string;
  readonly #directory: string;
  readonly #options: MosquittoOptions;
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string, options: MosquittoOptions) {
    this.port = port;
    this.url = `${options.tls === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`;
    this.#directory = directory;
    this.#options = options;
  }

  /** Starts one. Owner: remove() it. */
  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const broker = new Mosquitto(await freePort(), mkdtempSync(join(tmpdir(), "lanthorn-mosquitto-")), options);
    chmodSync(broker.#directory, 0o755); // started as root, mosquitto becomes another user before it reads its files
    broker.#writeConfig();
    await broker.up();
    return broker;
  }

  /** Starts it (again) and waits until it answers. */
  async up(): Promise<void> {
    const child = spawn(PROGRAM, ["-c", join(this.#directory, "mosquitto.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    child.stderr?.on("data", (text: Buffer) => {
      log += text.toString();
    });
    this.#child = child;
    await waitUntil("mosquitto to listen", () => {
      if (child.exitCode !== null) {
        throw new TypeError(`mosquitto ended: ${log}`);
      }
      return / running/.test(log);
    });
  }

  /** Stops it; it forgets everything. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** Stops it and removes its files. */
  async remove(): Promise<void> {
    await this.down();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #writeConfig(): void {
    const { password, tls, username } = this.#options;
    const lines = [`listener ${this.port} 127.0.0.1`, "persistence false", "log_dest stderr", "log_type all"];
    if (tls !== undefined) {
      lines.push(`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`);
    }
    if (username === undefined) {
      lines.push("allow_anonymous true");
    } else {
      const file = join(this.#directory, "passwords");
      const made = spawnSync("mosquitto_passwd", ["-b", "-c", file, username, password ?? ""], { encoding: "utf8" });
      if (made.status !== 0) {
        throw new TypeError(`mosquitto_passwd: ${made.stderr}`);
      }
      chmodSync(file, 0o644);
      lines.push("allow_anonymous false", `password_file ${file}`);
    }
    writeFileSync(join(this.#directory, "mosquitto.conf"), `${lines.join("\n")}\n`);
  }
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A message as the listener got it. */
export interface HeardMessage {
  readonly topic: string;
  readonly text: string;
  readonly bytes: Buffer;
  readonly retained: boolean;
}

/** Listens to everything a broker carries. Owner: close() it. */
export class Listener {
  readonly messages: HeardMessage[] = [];
  readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, bytes, { retain }) =>
      this.messages.push({ topic, text: bytes.toString(), bytes, retained: retain }),
    );
    client.on("error", () => {});
  }

  /** Connects and subscribes to `#`; comes back by itself when the broker does. */
  static async connect(url: string, account: { username?: string; password?: string } = {}): Promise<Listener> {
    const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 100, ...account });
    const listener = new Listener(client);
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await client.subscribeAsync("#", { qos: 1 });
    return listener;
  }

  /** Messages of a topic, oldest first. */
  of(topic: string): readonly HeardMessage[] {
    return this.messages.filter((message) => message.topic === topic);
  }

  /** JSON payloads of a topic, oldest first. */
  jsonOf<T = Record<string, unknown>>(topic: string): readonly T[] {
    return this.of(topic).map(({ text }) => JSON.parse(text) as T);
  }

  /** Waits until the newest message of a topic is as wanted. */
  async hears(
    topic: string,
    isWanted: (text: string) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<HeardMessage> {
    return await waitUntil(
      `a message on ${topic}`,
      () => {
        const last = this.of(topic).at(-1);
        return last !== undefined && isWanted(last.text) ? last : undefined;
      },
      timeoutMs,
    );
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** What a broker keeps for those who come later: everything that arrives with the retain flag on a fresh subscription. */
export async function retainedAt(url: string): Promise<Map<string, Buffer>> {
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0 });
  const kept = new Map<string, Buffer>();
  client.on("message", (topic, payload, { retain }) => {
    if (retain) {
      kept.set(topic, payload);
    }
  });
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
  });
  await client.subscribeAsync("#", { qos: 1 });
  // Our own message comes after all retained ones that the subscription brought.
  const mark = `mark/${Math.random()}`;
  const marked = new Promise<void>((resolve) => {
    client.on("message", (topic) => topic === mark && resolve());
  });
  await client.publishAsync(mark, "x", { qos: 1 });
  await marked;
  await client.endAsync(true);
  return kept;
}
