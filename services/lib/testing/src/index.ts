/** Fakes and scaffolding for tests: a clock moved by hand, homes, services as processes, media files. Never imported by a service. */
export * from "./chromium.ts";
export * from "./error-codes.ts";
export * from "./fake-clock.ts";
export * from "./service-process.ts";
export * from "./temporary-home.ts";
export * from "./test-media.ts";
export * from "./wait-until.ts";
