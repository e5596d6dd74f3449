/** Puts the API's routes on the server, validating requests by the schemas that describe them. */
import { serveEndpoint } from "@lanthorn/base";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { webErrors } from "../error-codes.ts";
import type { ApiRoute } from "./route.ts";

/** Registers each route. */
export function registerRoutes(app: FastifyInstance, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    serveEndpoint(app, route, route.handle, invalid);
  }
}

/** Validates a part of a request that is no route's. Throws: WEB_REQUEST_INVALID naming every field at fault. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, part: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw invalid(result.error.issues.map((issue) => `${part} ${issue.path.join(".") || "(whole)"}: ${issue.message}`));
  }
  return result.data;
}

function invalid(faults: readonly string[]): Error {
  return webErrors.make("WEB_REQUEST_INVALID", { faults: faults.join("; ") });
}
