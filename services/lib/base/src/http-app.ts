/**
 * The HTTP server every service stands on: fastify, without the compilers of JSON schemas that it loads unless told not to.
 * Loaded when a server is made: what only asks (workers, the command line, tests) does without.
 */
import { createRequire } from "node:module";
import type * as Fastify from "fastify";
import type { FastifyInstance, FastifyServerOptions } from "fastify";

/**
 * Makes a server without routes. Routes are checked by zod (serve.ts), never by fastify's own schemas: ajv and fast-json-stringify are
 * 120 modules that stay unread. A route that brings a fastify schema with something to compile fails when it is registered.
 */
export function makeHttpApp(options: FastifyServerOptions): FastifyInstance {
  const { fastify } = createRequire(import.meta.url)("fastify") as typeof Fastify;
  return fastify({
    ...options,
    logger: false,
    schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } },
  });
}

function refuse(): never {
  throw new TypeError("Expected a route without a fastify schema; describe it by an Endpoint instead");
}
