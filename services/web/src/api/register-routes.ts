/** Puts the API's routes on the server, validating parameters by the schemas that describe them. */
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { webErrors } from "../error-codes.ts";
import type { ApiRoute } from "./route.ts";

/** Registers each route for GET (and HEAD). */
export function registerRoutes(app: FastifyInstance, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    app.get(route.path, (request, reply) =>
      route.handle({
        params: validate(route.params, request.params, "path"),
        query: validate(route.query, request.query, "query"),
        request,
        reply,
      }),
    );
  }
}

/** Validates a part of a request. Throws: WEB_REQUEST_INVALID naming every field at fault. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, part: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${part} ${issue.path.join(".") || "(whole)"}: ${issue.message}`);
    throw webErrors.make("WEB_REQUEST_INVALID", { faults: faults.join("; ") });
  }
  return result.data;
}
