/**
 * Node's HTTP client without what it drags along. An `import` of "node:http" reads every export, and `WebSocket` is one that loads all of
 * undici when read: 30 ms and 4 MiB that no service uses. Source: lib/http.js and lib/internal/bootstrap/realm.js (syncExports) of Node 24.
 */
import type { request } from "node:http";

/** `request` of node:http. */
export const httpRequest: typeof request = process.getBuiltinModule("node:http").request;
