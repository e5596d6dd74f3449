/** OpenAPI 3.1 of the API, generated from the schemas that validate it. Pure. */
import { z } from "zod";
import type { ApiRoute } from "./route.ts";

/** A WebSocket route, described beside the others (OpenAPI has no form for it: GET answering 101). */
export interface WebSocketRoute {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Messages by direction. */
  readonly messages: { readonly fromClient?: z.ZodType; readonly fromServer: z.ZodType };
}

type Json = Record<string, unknown>;

const ERROR_BODY = z.object({ error: z.object({ kind: z.string(), code: z.string(), message: z.string() }) });

/** Builds the document. */
export function buildOpenApi(routes: readonly ApiRoute[], sockets: readonly WebSocketRoute[], version: string): Json {
  const paths: Json = {};
  for (const route of routes) {
    paths[openApiPath(route.path)] = { get: describeRoute(route) };
  }
  for (const socket of sockets) {
    paths[openApiPath(socket.path)] = { get: describeSocket(socket) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Lanthorn",
      version,
      summary: "Cameras, live view, recordings and events of this box.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    paths,
    components: { schemas: { Error: jsonSchema(ERROR_BODY) } },
  };
}

/** /api/cameras/:id as OpenAPI writes it: /api/cameras/{id}. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function describeRoute(route: ApiRoute): Json {
  const { answer } = route;
  const body = answer.schema === undefined ? { schema: {} } : { schema: jsonSchema(answer.schema) };
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    responses: {
      200: { description: answer.description, content: { [answer.contentType]: body } },
      default: errorAnswer(),
    },
  };
}

function describeSocket(socket: WebSocketRoute): Json {
  return {
    operationId: socket.operationId,
    summary: socket.summary,
    parameters: [...parameters(socket.params, "path"), ...parameters(socket.query, "query")],
    responses: { 101: { description: "Switches to a WebSocket" }, default: errorAnswer() },
    "x-websocket": {
      ...(socket.messages.fromClient === undefined ? {} : { fromClient: jsonSchema(socket.messages.fromClient) }),
      fromServer: jsonSchema(socket.messages.fromServer),
    },
  };
}

function errorAnswer(): Json {
  return {
    description: "An error; docs/ref/errors.md lists the codes",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

function parameters(schema: z.ZodObject, place: "path" | "query"): Json[] {
  const json = jsonSchema(schema) as { properties?: Record<string, Json> };
  return Object.entries(json.properties ?? {}).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === "path" || !schema.shape[name]?.safeParse(undefined).success,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io: "output",
    unrepresentable: "any",
  });
  return rest;
}
