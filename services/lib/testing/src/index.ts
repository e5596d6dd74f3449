/** Fakes and scaffolding for tests and benchmarks: a clock moved by hand, homes, services as processes, media files, charts. Never imported by a service. */
export * from "./bar-chart.ts";
export * from "./bench-report.ts";
export * from "./chromium.ts";
export * from "./error-codes.ts";
export * from "./fake-clock.ts";
export * from "./line-chart.ts";
export * from "./numbered-media.ts";
export * from "./openapi-document.ts";
export * from "./service-process.ts";
export * from "./stream-delivery.ts";
export * from "./temporary-home.ts";
export * from "./test-media.ts";
export * from "./wait-until.ts";
