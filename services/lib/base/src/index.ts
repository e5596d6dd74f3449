/** What every process of Lanthorn stands on: errors, time, configuration, log, life cycle, sockets. No product knowledge here. */
export * from "./api/ask.ts";
export * from "./api/endpoint.ts";
export * from "./api/openapi.ts";
export * from "./api/serve.ts";
export * from "./clock.ts";
export * from "./config.ts";
export * from "./error-codes.ts";
export * from "./errors.ts";
export * from "./http-app.ts";
export * from "./lifecycle.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./node-http.ts";
export * from "./progress.ts";
export * from "./retry.ts";
export * from "./time.ts";
export * from "./unix-http.ts";
