/** Schemas and types of everything that crosses a process. No logic but reading and writing these shapes. */
export * from "./archive-api.ts";
export * from "./archive-backup-api.ts";
export * from "./archive-export-api.ts";
export * from "./archive-recording-api.ts";
export * from "./archive-retention-api.ts";
export * from "./camera.ts";
export * from "./embedding.ts";
export * from "./ids.ts";
export * from "./ingest-status.ts";
export * from "./packets.ts";
export * from "./previews.ts";
export * from "./recording-mode.ts";
export * from "./recording-settings.ts";
export * from "./results.ts";
export * from "./service-status.ts";
export * from "./shared-memory.ts";
export * from "./web-api.ts";
