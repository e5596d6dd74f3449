/**
 * What services/archive can be asked on its socket, as values: it serves them, web passes them on, clients ask by them, and the OpenAPI
 * documents of both are made of them. Apart from the contract's main entry, whose importers need not pay for them.
 */
import type { Endpoint } from "@lanthorn/base/endpoint";
import * as events from "./event-endpoints.ts";
import * as exports from "./export-endpoints.ts";
import * as keeping from "./keeping-endpoints.ts";
import * as previews from "./preview-endpoints.ts";
import * as recordings from "./recording-endpoints.ts";
import * as service from "./service-endpoints.ts";
import * as similarity from "./similarity-endpoints.ts";

export * from "./event-endpoints.ts";
export * from "./export-endpoints.ts";
export * from "./keeping-endpoints.ts";
export * from "./preview-endpoints.ts";
export * from "./recording-endpoints.ts";
export * from "./service-endpoints.ts";
export * from "./similarity-endpoints.ts";

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === "object" && value !== null && "operationId" in value;

/** All of them. */
export const ARCHIVE_ENDPOINTS: readonly Endpoint[] = [
  recordings,
  events,
  similarity,
  previews,
  keeping,
  exports,
  service,
].flatMap((part) => Object.values(part).filter(isEndpoint));
