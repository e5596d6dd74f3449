import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { installErrorHandler, socketPathOf } from "@lanthorn/base";
import { makeTemporaryHome, waitUntil } from "@lanthorn/testing";
import fastify, { type FastifyInstance } from "fastify";
import { proxyToSocket } from "../src/stream-proxy.ts";

/** A real peer on a unix socket and a real proxy on TCP. */
async function makePair(runDir: string, routes: (app: FastifyInstance) => void) {
  const peer = fastify({ forceCloseConnections: true });
  routes(peer);
  await peer.listen({ path: socketPathOf(runDir, "archive") });
  const front = fastify({ forceCloseConnections: true });
  installErrorHandler(front);
  front.get("/*", (request, reply) => proxyToSocket({ runDir, service: "archive", path: request.url }, request, reply));
  await front.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(front.server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await front.close();
      await peer.close();
    },
  };
}

test("range, status and the archive's own headers go through; hop-by-hop and foreign ones do not", async () => {
  using home = makeTemporaryHome();
  await using pair = await makePair(home.runDir, (app) =>
    app.get("/clip", (request, reply) =>
      reply
        .status(206)
        .headers({
          "content-range": "bytes 2-4/9",
          "x-start-wall-us": "7",
          "set-cookie": "a=b",
          "content-type": "video/mp4",
        })
        .send(Buffer.from(`${request.headers.range}|${request.headers.cookie ?? "no cookie"}`)),
    ),
  );
  const answer = await fetch(`${pair.url}/clip`, { headers: { range: "bytes=2-4", cookie: "secret=1" } });
  assert.equal(answer.status, 206);
  assert.equal(answer.headers.get("content-range"), "bytes 2-4/9");
  assert.equal(answer.headers.get("x-start-wall-us"), "7");
  assert.equal(answer.headers.get("set-cookie"), null);
  assert.equal(await answer.text(), "bytes=2-4|no cookie");
});

test("an endless answer arrives as it is made, and ends at its source when the viewer leaves", async () => {
  using home = makeTemporaryHome();
  let produced = 0;
  let ended = false;
  await using pair = await makePair(home.runDir, (app) =>
    app.get("/endless", (_request, reply) => {
      const source = new Readable({
        read() {
          produced += 65536;
          setImmediate(() => this.push(Buffer.alloc(65536)));
        },
      });
      source.on("close", () => {
        ended = true;
      });
      return reply.send(source);
    }),
  );
  const outgoing = httpRequest(`${pair.url}/endless`);
  const received = await new Promise<number>((resolve, reject) => {
    outgoing
      .on("error", reject)
      .on("response", (answer) => answer.once("data", (chunk: Buffer) => resolve(chunk.length)));
    outgoing.end();
  });
  assert.ok(received > 0);
  outgoing.on("error", () => {}).destroy();
  await waitUntil("the end of the source", () => ended);
  assert.ok(produced < 256 * 1024 * 1024, `${produced} bytes were made for a viewer that left`);
});

test("an error of the other service is passed on as it is", async () => {
  using home = makeTemporaryHome();
  await using pair = await makePair(home.runDir, (app) => {
    installErrorHandler(app);
    app.get("/teapot", (_request, reply) =>
      reply.status(404).send({ error: { kind: "not-found", code: "X", message: "y" } }),
    );
  });
  const answer = await fetch(`${pair.url}/teapot`);
  assert.equal(answer.status, 404);
  assert.deepEqual(await answer.json(), { error: { kind: "not-found", code: "X", message: "y" } });
});

test("a service that is not running is SOCKET_UNAVAILABLE, 503", async () => {
  using home = makeTemporaryHome();
  const front = fastify();
  installErrorHandler(front);
  front.get("/x", (request, reply) =>
    proxyToSocket({ runDir: home.runDir, service: "archive", path: "/x" }, request, reply),
  );
  const answer = await front.inject("/x");
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.json().error.code, "SOCKET_UNAVAILABLE");
  await front.close();
});
