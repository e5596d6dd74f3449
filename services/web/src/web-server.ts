/**
 * The TCP listener: API, WebSockets and the page.
 * Does: assembling, security headers, host and origin checks, listening. Does not: what routes answer (api/, live/, events/).
 */
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import fastifyWebsocket from "@fastify/websocket";
import { buildOpenApi, installErrorHandler, type Module, makeHttpApp, type ServiceContext } from "@lanthorn/base";
import type { ServiceView } from "@lanthorn/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { registerRoutes } from "./api/register-routes.ts";
import { type ApiSources, apiRoutes } from "./api/routes.ts";
import { SOCKET_ROUTES, SocketRoutes } from "./api/sockets.ts";
import type { WebConfig } from "./config.ts";
import { webErrors } from "./error-codes.ts";
import { isJson, isOwnHost, isSameOrigin, SECURITY_HEADERS } from "./security.ts";

/** What the server answers from, and where the built page lies. */
export interface WebServerOptions extends Omit<ApiSources, "ownView" | "runDir"> {
  readonly uiDirectory: string;
}

const VERSION = "0.1.0";
const READING_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const YEAR_S = 31_536_000;

/** Answers on TCP. */
export class WebServer implements Module {
  readonly name = "http";
  readonly #context: ServiceContext<WebConfig>;
  readonly #options: WebServerOptions;
  readonly #sockets: SocketRoutes;
  #app: FastifyInstance | undefined;
  #port = 0;

  constructor(context: ServiceContext<WebConfig>, options: WebServerOptions) {
    this.#context = context;
    this.#options = options;
    this.#sockets = new SocketRoutes(context, options);
  }

  /** Port that is listened on; 0 before start. */
  get port(): number {
    return this.#port;
  }

  /** Body of GET /status on the service's socket. */
  status(): Record<string, unknown> {
    const { host } = this.#context.config.http;
    const shown = host.includes(":") ? `[${host}]` : host;
    return {
      service: "web",
      host,
      port: this.#port,
      url: `http://${shown}:${this.#port}/`,
      uiBuilt: this.#uiBuilt(),
      ...this.#sockets.counts(),
    };
  }

  /** Listens. Throws: WEB_PORT_TAKEN, WEB_PORT_FORBIDDEN, WEB_ADDRESS_UNKNOWN. */
  async start(signal: AbortSignal): Promise<void> {
    const { host, port } = this.#context.config.http;
    const app = await this.assemble(signal);
    this.#app = app;
    try {
      await app.listen({ host, port });
    } catch (error) {
      throw listenError(error, host, port);
    }
    this.#port = (app.server.address() as AddressInfo).port;
    this.#context.log.info({ port: this.#port, url: this.status().url }, "listening");
  }

  /** Closes viewers and the listener. */
  async stop(): Promise<void> {
    this.#sockets.closeAll();
    this.#app?.server.closeAllConnections();
    await this.#app?.close();
    this.#app = undefined;
  }

  /** Builds the server without listening. */
  async assemble(signal: AbortSignal): Promise<FastifyInstance> {
    const app = makeHttpApp({ bodyLimit: 64 * 1024, routerOptions: { maxParamLength: 200 } });
    installErrorHandler(app);
    app.addHook("onRequest", (request, reply) => this.#guard(request, reply));
    await app.register(fastifyWebsocket, { options: { maxPayload: 16 * 1024, perMessageDeflate: false } });
    const routes = apiRoutes({ ...this.#options, runDir: this.#context.paths.runDir, ownView: () => this.#ownView() });
    registerRoutes(app, routes);
    this.#sockets.register(app, signal);
    let document: unknown; // made when somebody asks: hardly anybody does
    app.get("/api/openapi.json", () => {
      document ??= buildOpenApi({
        title: "Lanthorn",
        summary: "Cameras, live view, recordings and events of this box.",
        version: VERSION,
        endpoints: routes,
        sockets: SOCKET_ROUTES,
      });
      return document;
    });
    await this.#servePage(app);
    return app;
  }

  async #guard(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { host, origin, upgrade } = request.headers;
    const isWriting = !READING_METHODS.has(request.method);
    reply.headers(SECURITY_HEADERS);
    if (!isOwnHost(host, this.#context.config.http.names)) {
      throw webErrors.make("WEB_HOST_REFUSED", { host: host ?? "(none)" });
    }
    if ((isWriting || upgrade !== undefined) && !isSameOrigin(origin, host)) {
      throw webErrors.make("WEB_ORIGIN_REFUSED", { origin, host });
    }
    const type = request.headers["content-type"];
    if (isWriting && request.method !== "DELETE" && !isJson(type)) {
      throw webErrors.make("WEB_BODY_NOT_JSON", { method: request.method, received: type ?? "none" });
    }
  }

  async #servePage(app: FastifyInstance): Promise<void> {
    const { uiDirectory } = this.#options;
    if (!this.#uiBuilt()) {
      const error = webErrors.make("WEB_UI_NOT_BUILT", { directory: uiDirectory });
      this.#context.log.warn({ code: error.code }, error.message);
      app.get("/", () => {
        throw error;
      });
      return;
    }
    await app.register(fastifyStatic, {
      root: uiDirectory,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // built files carry a hash of their content in their name; the others must be asked for anew
        const hashed = path.includes("/assets/");
        reply.header("cache-control", hashed ? `public, max-age=${YEAR_S}, immutable` : "no-cache");
      },
    });
    const page = (_request: FastifyRequest, reply: FastifyReply) => reply.sendFile("index.html");
    app.get("/", page);
    for (const path of PAGES) {
      app.get(path, page);
    }
  }

  #uiBuilt(): boolean {
    return existsSync(join(this.#options.uiDirectory, "index.html"));
  }

  #ownView(): ServiceView {
    return { name: "web", reachable: true, healthy: true, faults: [], status: this.status() };
  }
}

/** Addresses the page itself routes (services/web/ui/src/app.tsx). */
const PAGES = [
  "/events",
  "/recordings",
  "/recordings/:camera",
  "/cameras",
  "/cameras/:camera",
  "/cameras/:camera/settings",
  "/saved",
  "/storage",
  "/system",
] as const;

function listenError(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return webErrors.make("WEB_PORT_TAKEN", { host, port }, error);
    case "EACCES":
      return webErrors.make("WEB_PORT_FORBIDDEN", { host, port }, error);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return webErrors.make("WEB_ADDRESS_UNKNOWN", { host }, error);
    default:
      return error;
  }
}
