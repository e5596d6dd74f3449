/** Puts endpoints on the archive's socket. */
import { type Endpoint, type EndpointHandler, serveEndpoint } from "@lanthorn/base";
import type { FastifyInstance } from "fastify";
import { archiveErrors } from "./error-codes.ts";

/** Serves an endpoint; what does not fit its schemas is ARCHIVE_QUERY_INVALID, naming every fault. */
export function serve<E extends Endpoint>(app: FastifyInstance, endpoint: E, handler: EndpointHandler<E>): void {
  serveEndpoint(app, endpoint, handler, (faults) =>
    archiveErrors.make("ARCHIVE_QUERY_INVALID", { count: faults.length, faults: faults.join("; ") }),
  );
}
