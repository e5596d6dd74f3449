/** The registry database: schema, read-only directory of cameras, secrets at rest. Writing is for services/cameras alone. */
export * from "./camera-directory.ts";
export * from "./camera-rows.ts";
export * from "./camera-secrets.ts";
export * from "./error-codes.ts";
export * from "./migrate.ts";
export * from "./registry-file.ts";
export * from "./secret-box.ts";
export * from "./stream-id.ts";
