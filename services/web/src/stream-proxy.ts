/**
 * Passes a request on to another service's unix socket and its answer back, streaming in both directions of time: nothing is
 * buffered, ranges go through, and a viewer who leaves ends the work behind. Tested: test/stream-proxy.test.ts.
 */
import type { IncomingMessage } from "node:http";
import { baseErrors, httpRequest, socketPathOf } from "@lanthorn/base";
import type { FastifyReply, FastifyRequest } from "fastify";

const REQUEST_HEADERS = ["range", "if-range", "if-none-match", "if-modified-since", "accept"] as const;
const ANSWER_HEADERS = [
  "content-type",
  "content-length",
  "content-range",
  "content-disposition",
  "accept-ranges",
  "etag",
  "last-modified",
  "cache-control",
] as const;
const SILENCE_MS = 20_000; // a recording read from a sleeping disk may take 10 s to begin

/** Where a request goes. */
export interface ProxyTarget {
  readonly runDir: string;
  readonly service: string;
  /** Path and query on that service. */
  readonly path: string;
  /** Its body; undefined: none. */
  readonly json?: unknown;
  /** Whether its 404 is answered as 204: it does not know yet what is known here. */
  readonly emptyIfMissing?: boolean;
}

/** Answers a request with another service's answer, errors included. Throws: SOCKET_UNAVAILABLE. */
export async function proxyToSocket(
  target: ProxyTarget,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const answer = await ask(target, request, reply);
  if (answer.statusCode === 404 && target.emptyIfMissing === true) {
    answer.resume();
    return reply.status(204).header("cache-control", "no-cache").send();
  }
  reply.status(answer.statusCode ?? 502);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && (name.startsWith("x-") || (ANSWER_HEADERS as readonly string[]).includes(name))) {
      reply.header(name, value);
    }
  }
  return reply.send(answer);
}

function ask(target: ProxyTarget, request: FastifyRequest, reply: FastifyReply): Promise<IncomingMessage> {
  const socketPath = socketPathOf(target.runDir, target.service);
  const body = target.json === undefined ? undefined : JSON.stringify(target.json);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      socketPath,
      path: target.path,
      method: request.method,
      headers: { ...passed(request), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      timeout: SILENCE_MS,
    });
    const giveUp = () => outgoing.destroy(); // the viewer left: the reader behind must not read on
    reply.raw.once("close", giveUp);
    outgoing.on("timeout", () => outgoing.destroy(new Error(`silent for ${SILENCE_MS / 1000} s`)));
    outgoing.on("error", (error) =>
      reject(
        baseErrors.make(
          "SOCKET_UNAVAILABLE",
          { socket: socketPath, service: target.service, reason: error.message },
          error,
        ),
      ),
    );
    outgoing.on("response", resolve);
    outgoing.end(body);
  });
}

function passed(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") {
      headers[name] = value;
    }
  }
  return headers;
}
