/** What every process of Lanthorn stands on: errors, time, configuration, log, life cycle, sockets. No product knowledge here. */
export * from "./errors.ts";
