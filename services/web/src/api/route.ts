/**
 * One route of the API: schemas that validate it and describe it, and its handler. Registered by register-routes.ts, described
 * by openapi.ts from the same value, so that the description can never differ from what is accepted.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";

/** What a route answers, for the description. */
export interface RouteAnswer {
  readonly description: string;
  readonly contentType: string;
  /** Schema of a JSON body; binary answers have none. */
  readonly schema?: z.ZodType;
}

/** A request whose parameters have been validated. */
export interface RouteInput<Params, Query> {
  readonly params: Params;
  readonly query: Query;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A GET route. */
export interface ApiRoute {
  /** In fastify's form: /api/cameras/:id. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: RouteAnswer;
  readonly handle: (input: RouteInput<unknown, unknown>) => unknown;
}

/** Declares a route with its handler typed by its schemas. */
export function defineRoute<Params extends z.ZodObject, Query extends z.ZodObject>(
  route: Omit<ApiRoute, "params" | "query" | "handle"> & {
    readonly params: Params;
    readonly query: Query;
    readonly handle: (input: RouteInput<z.output<Params>, z.output<Query>>) => unknown;
  },
): ApiRoute {
  return route as unknown as ApiRoute; // the handler only ever gets what these schemas gave
}
