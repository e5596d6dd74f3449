/** OpenAPI 3.1 of endpoints, generated from the schemas that validate them. Pure. */
import { z } from "zod";
import type { Endpoint, EndpointAnswer } from "./endpoint.ts";

/** A WebSocket, described beside the endpoints (OpenAPI has no form for it: GET answering 101). */
export interface WebSocketRoute {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Messages by direction. */
  readonly messages: { readonly fromClient?: z.ZodType; readonly fromServer: z.ZodType };
}

/** What is described. */
export interface OpenApiParts {
  readonly title: string;
  readonly summary: string;
  readonly version: string;
  readonly endpoints: readonly Endpoint[];
  readonly sockets?: readonly WebSocketRoute[];
}

type Json = Record<string, unknown>;

const ERROR_BODY = z.object({ error: z.object({ kind: z.string(), code: z.string(), message: z.string() }) });

/** Builds the document. */
export function buildOpenApi({ title, summary, version, endpoints, sockets = [] }: OpenApiParts): Json {
  const paths: Record<string, Json> = {};
  const add = (path: string, method: string, operation: Json) => {
    const inBraces = openApiPath(path);
    paths[inBraces] = { ...paths[inBraces], [method]: operation };
  };
  for (const endpoint of endpoints) {
    add(endpoint.path, endpoint.method.toLowerCase(), describeEndpoint(endpoint));
  }
  for (const socket of sockets) {
    add(socket.path, "get", describeSocket(socket));
  }
  return {
    openapi: "3.1.0",
    info: { title, version, summary, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: "/" }],
    paths,
    components: { schemas: { Error: jsonSchema(ERROR_BODY, "output") } },
  };
}

/** /cameras/:id as OpenAPI writes it: /cameras/{id}. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function describeEndpoint({ operationId, summary, params, query, body, answer }: Endpoint): Json {
  return {
    operationId,
    summary,
    parameters: [...parameters(params, "path"), ...parameters(query, "query")],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body, "input") } } } }),
    responses: describeAnswer(answer),
  };
}

function describeAnswer(answer: EndpointAnswer): Json {
  const { description, contentType, status = 200, isRanged = false, empty, headers, schema } = answer;
  const whole = {
    description,
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, what]) => [name, describeHeader(what)])) }),
    ...(contentType === undefined
      ? {}
      : { content: { [contentType]: schema === undefined ? {} : { schema: jsonSchema(schema, "output") } } }),
  };
  const part = { ...whole, description: `The bytes asked for by Range of: ${description}` };
  return {
    [status]: whole,
    ...(empty === undefined ? {} : { 204: { description: empty } }),
    ...(isRanged ? { 206: part } : {}),
    default: errorAnswer(),
  };
}

function describeHeader(description: string): Json {
  return { description, schema: { type: "string" } };
}

function describeSocket({ operationId, summary, params, query, messages }: WebSocketRoute): Json {
  return {
    operationId,
    summary,
    parameters: [...parameters(params, "path"), ...parameters(query, "query")],
    responses: { 101: { description: "Switches to a WebSocket" }, default: errorAnswer() },
    "x-websocket": {
      ...(messages.fromClient === undefined ? {} : { fromClient: jsonSchema(messages.fromClient, "input") }),
      fromServer: jsonSchema(messages.fromServer, "output"),
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
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([name, one]) => {
    // What comes out of coercion tells the type; where a transformation hides it, what goes in does.
    const output = jsonSchema(one, "output");
    const { description, ...rest } = "type" in output || "enum" in output ? output : jsonSchema(one, "input");
    return {
      name,
      in: place,
      required: place === "path" || !one.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return rest;
}
