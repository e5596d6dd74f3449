/**
 * The broker for those who have none: aedes, in this process, on loopback. MQTT 3.1.1, retained messages in memory.
 * Does not: TLS, access lists, the LAN without a password. An existing broker is better (docs/guide/home-assistant.md).
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Aedes } from "aedes";
import { automationErrors } from "./error-codes.ts";

/** Where it listens and who may come in. */
export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The one account; undefined lets everyone in, which is allowed on loopback only. */
  readonly account: { readonly username: string; readonly password: string } | undefined;
}

/** A running broker. Owner: close() when done. */
export class EmbeddedBroker {
  readonly port: number;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(aedes: Aedes, server: Server, sockets: ReadonlySet<Socket>) {
    this.#aedes = aedes;
    this.#server = server;
    this.#sockets = sockets;
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Starts it. Throws: MQTT_OPEN_BROKER, MQTT_PORT_TAKEN, MQTT_LISTEN_FAILED. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const { host, port, account } = options;
    if (account === undefined && !isLoopback(host)) {
      throw automationErrors.make("MQTT_OPEN_BROKER", { host });
    }
    const { Aedes } = await import("aedes"); // here: with a broker of the house it is never needed
    const aedes = await Aedes.createBroker();
    if (account !== undefined) {
      aedes.authenticate = (_client, username, password, done) => {
        const isRight = username === account.username && isEqual(password, Buffer.from(account.password));
        // 4: bad user name or password (MQTT 3.1.1, table 3.1).
        done(isRight ? null : Object.assign(new Error("bad user name or password"), { returnCode: 4 }), isRight);
      };
    }
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      aedes.handle(socket);
    });
    try {
      await listen(server, host, port);
    } catch (error) {
      aedes.close();
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EADDRINUSE") {
        throw automationErrors.make("MQTT_PORT_TAKEN", { host, port }, error);
      }
      throw automationErrors.make("MQTT_LISTEN_FAILED", { host, port, reason: (error as Error).message }, error);
    }
    return new EmbeddedBroker(aedes, server, sockets);
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await new Promise<void>((resolve) => {
      this.#aedes.close(() => resolve());
    });
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await closed;
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isEqual(given: Buffer | undefined, right: Buffer): boolean {
  return given !== undefined && given.length === right.length && timingSafeEqual(given, right);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
