/**
 * HTTP on a unix socket: how a service is asked. `curl --unix-socket` is the debugger.
 * Does: /health, /status, /metrics, errors as JSON, the client. Does not: product routes (a service adds its own to `app`).
 */
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { baseErrors } from "./error-codes.ts";
import { ERROR_KINDS, type ErrorKind, HTTP_STATUS_OF_KIND, LanthornError, toLanthornError } from "./errors.ts";
import { makeHttpApp } from "./http-app.ts";
import type { Module, ServiceContext } from "./lifecycle.ts";
import type { Log } from "./log.ts";
import { httpRequest } from "./node-http.ts";

/** What a service says about itself on its socket. */
export interface ServiceSocketOptions {
  /** JSON body of GET /status. */
  readonly status: () => unknown | Promise<unknown>;
  /** Faults that make GET /health answer 503; none means healthy. */
  readonly faults?: () => readonly string[];
  /** Adds the service's own routes. */
  readonly routes?: (app: FastifyInstance) => void;
}

/**
 * Writes a LanthornError (or anything thrown) as `{"error":{"kind","code","message"}}` with its HTTP status.
 * log: told of kind internal, which is our fault and nobody else's to report.
 */
export function installErrorHandler(app: FastifyInstance, log?: Pick<Log, "error">): void {
  app.setErrorHandler((thrown, request, reply) => {
    const status = (thrown as { statusCode?: number }).statusCode;
    if (!(thrown instanceof LanthornError) && status !== undefined && status < 500) {
      const refused = baseErrors.make("REQUEST_INVALID", { reason: (thrown as Error).message });
      return reply.status(status).send(errorBody(refused)); // fastify's own status says more: 413, 415, …
    }
    const error = toLanthornError(thrown);
    if (error.kind === "internal") {
      log?.error({ err: error, method: request.method, url: request.url }, "a request failed by our own fault");
    }
    return reply.status(HTTP_STATUS_OF_KIND[error.kind]).send(errorBody(error));
  });
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send(errorBody(baseErrors.make("ROUTE_NOT_FOUND", { method: request.method, url: request.url }))),
  );
}

function errorBody({ kind, code, message }: LanthornError): object {
  return { error: { kind, code, message } };
}

/** The module that answers on `<runDir>/<service>.sock` (mode 0660: owner and group of the services only). */
export class ServiceSocket implements Module {
  readonly name = "socket";
  readonly #context: ServiceContext<unknown>;
  readonly #options: ServiceSocketOptions;
  #app: FastifyInstance | undefined;

  constructor(context: ServiceContext<unknown>, options: ServiceSocketOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Starts listening; a socket file left by a crash is replaced. */
  async start(): Promise<void> {
    const app = makeHttpApp({ bodyLimit: 1024 * 1024 });
    const { log, metrics, name, paths } = this.#context;
    installErrorHandler(app, log);
    app.get("/health", (_request, reply) => {
      const faults = this.#options.faults?.() ?? [];
      return reply
        .status(faults.length === 0 ? 200 : 503)
        .send({ service: name, healthy: faults.length === 0, faults });
    });
    app.get("/status", () => this.#options.status());
    app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
    this.#options.routes?.(app);
    const socketPath = socketPathOf(paths.runDir, name);
    rmSync(socketPath, { force: true });
    await app.listen({ path: socketPath });
    chmodSync(socketPath, 0o660);
    this.#app = app;
  }

  /** Stops answering and removes the socket file. */
  async stop(): Promise<void> {
    await this.#app?.close();
    this.#app = undefined;
  }
}

/** The socket's path of a service. */
export function socketPathOf(runDir: string, service: string): string {
  return join(runDir, `${service}.sock`);
}

/** An answer from another service. */
export interface SocketReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request to another service. */
export interface SocketRequest {
  readonly method?: string;
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Asks another service over its unix socket; any status is an answer. Throws: SOCKET_UNAVAILABLE. */
export function requestSocket(runDir: string, service: string, request: SocketRequest): Promise<SocketReply> {
  const socketPath = socketPathOf(runDir, service);
  const body = request.json === undefined ? undefined : JSON.stringify(request.json);
  return new Promise((resolve, reject) => {
    const unavailable = (error: Error) =>
      reject(baseErrors.make("SOCKET_UNAVAILABLE", { socket: socketPath, service, reason: error.message }, error));
    const outgoing = httpRequest(
      {
        socketPath,
        agent: false, // a pooled connection would outlive a restart of the other service and fail once
        path: request.path,
        method: request.method ?? "GET",
        timeout: request.timeoutMs ?? 5000,
        headers: { ...request.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("error", unavailable);
        reply.on("end", () =>
          resolve({ statusCode: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("timed out")));
    outgoing.on("error", unavailable);
    outgoing.end(body);
  });
}

/** Asks another service for JSON. Throws: SOCKET_UNAVAILABLE, ANSWER_INVALID, or the error the other service answered, as it was. */
export async function requestJson<T = unknown>(runDir: string, service: string, request: SocketRequest): Promise<T> {
  const reply = await requestSocket(runDir, service, request);
  const value = parseAnswer(reply, service, request.path);
  if (reply.statusCode < 400) {
    return value as T;
  }
  const { kind, code, message } = (value as { error?: Record<string, unknown> } | undefined)?.error ?? {};
  const isKnown = ERROR_KINDS.some((known) => known === kind);
  if (!isKnown || typeof code !== "string" || typeof message !== "string") {
    throw baseErrors.make("ANSWER_INVALID", { service, path: request.path, reason: `HTTP ${reply.statusCode}` });
  }
  throw new LanthornError(kind as ErrorKind, code, message);
}

function parseAnswer(reply: SocketReply, service: string, path: string): unknown {
  if (reply.body.length === 0) {
    return undefined;
  }
  try {
    return JSON.parse(reply.body.toString("utf8"));
  } catch (error) {
    const reason = `HTTP ${reply.statusCode}, ${(error as Error).message}`;
    throw baseErrors.make("ANSWER_INVALID", { service, path, reason }, error);
  }
}
