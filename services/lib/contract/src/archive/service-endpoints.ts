/** What the archive says of itself. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { ArchiveStatus, ServiceHealth } from "../service-status.ts";

/** GET /health. */
export const READ_HEALTH = defineEndpoint({
  path: "/health",
  operationId: "readHealth",
  summary: "Whether the archive does its work; 503 and the same body while it does not",
  answer: { description: "Healthy", contentType: "application/json", schema: ServiceHealth },
});

/** GET /status. */
export const READ_STATUS = defineEndpoint({
  path: "/status",
  operationId: "readStatus",
  summary: "What is being recorded, and what the disks hold",
  answer: { description: "The status", contentType: "application/json", schema: ArchiveStatus },
});

/** GET /metrics. */
export const READ_METRICS = defineEndpoint({
  path: "/metrics",
  operationId: "readMetrics",
  summary: "Counters and gauges for Prometheus",
  answer: { description: "Prometheus text format", contentType: "text/plain" },
});

/** GET /openapi.json. */
export const READ_OPENAPI = defineEndpoint({
  path: "/openapi.json",
  operationId: "readOpenApi",
  summary: "This description",
  answer: {
    description: "OpenAPI 3.1",
    contentType: "application/json",
    schema: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  },
});
