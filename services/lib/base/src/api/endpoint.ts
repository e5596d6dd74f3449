/**
 * One thing a service can be asked over HTTP, as a value: how it is validated, described and called all come from it, so that they never differ.
 * Does: the shape and its types. Does not: handlers (serve.ts), documents (openapi.ts), calls (ask.ts).
 */
import { z } from "zod";

/** Methods that services answer. */
export const ENDPOINT_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
/** One of ENDPOINT_METHODS. */
export type EndpointMethod = (typeof ENDPOINT_METHODS)[number];

/** What an endpoint answers when all is well. */
export interface EndpointAnswer<Body extends z.ZodType = z.ZodType> {
  readonly description: string;
  /** Absent: no body. */
  readonly contentType?: string;
  /** HTTP status; 200 by default. */
  readonly status?: number;
  /** What it means that there is nothing to give: answered with 204 and no body. Absent: there always is something. */
  readonly empty?: string;
  /** Whether Range is heeded, and answered with 206. */
  readonly isRanged?: boolean;
  /** What its headers tell, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Schema of a JSON body; binary answers have none. */
  readonly schema?: Body;
}

/** Something that can be asked. */
export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: EndpointMethod;
  /** In fastify's form: /cameras/:id/timeline. */
  readonly path: string;
  readonly operationId: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  /** Schema of the JSON body; absent where none is taken. */
  readonly body?: Body;
  readonly answer: EndpointAnswer<Answer>;
}

/** The parts of a question; those an endpoint does not have are left out. */
export interface Question<E extends Endpoint> {
  readonly params?: z.input<E["params"]>;
  readonly query?: z.input<E["query"]>;
  readonly body?: E extends { readonly body?: infer Body extends z.ZodType } ? z.input<Body> : never;
}

/** What an endpoint's query may be. */
export type QueryOf<E extends Endpoint> = z.input<E["query"]>;

/** What an endpoint answers; undefined where it is not JSON. */
export type AnswerOf<E extends Endpoint> =
  E extends Endpoint<z.ZodObject, z.ZodObject, z.ZodType, infer Answer> ? z.output<Answer> : undefined;

/** Of an endpoint without parameters. */
export const NO_PARAMETERS = z.strictObject({});

/** Declares an endpoint; its types are those of its schemas. GET without parameters unless said. */
export function defineEndpoint<
  Params extends z.ZodObject = typeof NO_PARAMETERS,
  Query extends z.ZodObject = typeof NO_PARAMETERS,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodUnknown,
>(
  endpoint: Omit<Endpoint<Params, Query, Body, Answer>, "method" | "params" | "query"> & {
    readonly method?: EndpointMethod;
    readonly params?: Params;
    readonly query?: Query;
  },
): Endpoint<Params, Query, Body, Answer> {
  const none = NO_PARAMETERS as z.ZodObject;
  return { method: "GET", params: none as Params, query: none as Query, ...endpoint };
}
