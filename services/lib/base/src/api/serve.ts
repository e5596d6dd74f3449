/** Puts endpoints on a server: what does not fit an endpoint's schemas never reaches its handler. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Endpoint } from "./endpoint.ts";

/** A request whose parts have been validated. */
export interface EndpointInput<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers an endpoint; may throw a LanthornError. */
export type EndpointHandler<E extends Endpoint> = (
  input: EndpointInput<z.output<E["params"]>, z.output<E["query"]>, BodyOf<E>>,
) => unknown;

/** What an endpoint's body is read as. */
type BodyOf<E extends Endpoint> = E extends { readonly body?: infer Body extends z.ZodType }
  ? z.output<Body>
  : undefined;

/** Makes the error for a request that breaks its schemas. faults: each names its field and the expectation. */
export type InvalidRequest = (faults: readonly string[]) => Error;

/** Registers an endpoint (GET answers HEAD too). */
export function serveEndpoint<E extends Endpoint>(
  app: FastifyInstance,
  endpoint: E,
  handler: EndpointHandler<E>,
  invalid: InvalidRequest,
): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: (request, reply) => {
      const faults = emptyValues(request.query);
      const params = checked(endpoint.params, request.params, "path", faults);
      const query = checked(endpoint.query, request.query, "query", faults);
      const body = endpoint.body && checked(endpoint.body, request.body ?? {}, "body", faults);
      if (faults.length > 0) {
        throw invalid(faults);
      }
      reply.status(endpoint.answer.status ?? 200);
      return handler({ params, query, body, request, reply } as Parameters<typeof handler>[0]);
    },
  });
}

/** `?fromUs=` would read as 0: coercion makes a number of anything. */
function emptyValues(query: unknown): string[] {
  const empty = Object.entries(query as object).filter(([, value]) => value === "");
  return empty.map(([name]) => `query ${name}: expected a value but received none; leave the name out too`);
}

function checked(schema: z.ZodType, value: unknown, part: string, faults: string[]): unknown {
  const result = schema.safeParse(value);
  if (!result.success) {
    faults.push(
      ...result.error.issues.map(({ path, message }) => `${part} ${path.join(".") || "(whole)"}: ${message}`),
    );
  }
  return result.data;
}
