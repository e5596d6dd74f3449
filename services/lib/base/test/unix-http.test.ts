import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { makeTemporaryHome, type TemporaryHome } from "@lanthorn/testing";
import {
  baseErrors,
  createLogger,
  createMetrics,
  requestJson,
  requestSocket,
  ServiceSocket,
  type ServiceSocketOptions,
  socketPathOf,
  systemClock,
} from "../src/index.ts";

let home: TemporaryHome;
before(() => {
  home = makeTemporaryHome();
});
after(() => home.remove());

let faults: string[];
let socket: ServiceSocket;
const routes: NonNullable<ServiceSocketOptions["routes"]> = (app) => {
  app.get("/missing", () => {
    throw baseErrors.make("CREDENTIAL_MISSING", { name: "key", directory: "/x" });
  });
  app.get("/broken", () => {
    throw new TypeError("a bug");
  });
  app.post("/echo", (request) => request.body);
};

function serviceSocket(name: string): ServiceSocket {
  return new ServiceSocket(
    {
      name,
      config: {},
      paths: home.paths(name),
      clock: systemClock,
      log: createLogger(name, "silent"),
      metrics: createMetrics(name),
      fail: (error) => assert.fail(String(error)),
    },
    { status: () => ({ service: name, answer: 42 }), faults: () => faults, routes },
  );
}

beforeEach(async () => {
  faults = [];
  socket = serviceSocket("archive");
  await socket.start();
});
afterEach(() => socket.stop());

test("health is 200 without faults, and 503 with them in words", async () => {
  assert.equal((await requestSocket(home.runDir, "archive", { path: "/health" })).statusCode, 200);
  faults = ["The disk is full"];
  const reply = await requestSocket(home.runDir, "archive", { path: "/health" });
  assert.equal(reply.statusCode, 503);
  assert.deepEqual(JSON.parse(reply.body.toString()), {
    service: "archive",
    healthy: false,
    faults: ["The disk is full"],
  });
});

test("status is the service's JSON, metrics are Prometheus text with the service's name", async () => {
  assert.deepEqual(await requestJson(home.runDir, "archive", { path: "/status" }), { service: "archive", answer: 42 });
  const metrics = await requestSocket(home.runDir, "archive", { path: "/metrics" });
  assert.match(String(metrics.headers["content-type"]), /^text\/plain/);
  assert.match(metrics.body.toString(), /process_resident_memory_bytes\{service="archive"\} \d+/);
});

test("an error crosses the socket as it was: kind, code and message", async () => {
  await assert.rejects(requestJson(home.runDir, "archive", { path: "/missing" }), {
    kind: "failed-precondition",
    code: "CREDENTIAL_MISSING",
    message: /key/,
  });
});

test("a bug is 500, kind internal", async () => {
  const reply = await requestSocket(home.runDir, "archive", { path: "/broken" });
  assert.equal(reply.statusCode, 500);
  assert.equal(JSON.parse(reply.body.toString()).error.kind, "internal");
});

test("an unknown route and a body that is not JSON are the caller's faults", async () => {
  await assert.rejects(requestJson(home.runDir, "archive", { path: "/nowhere" }), { code: "ROUTE_NOT_FOUND" });
  const reply = await requestSocket(home.runDir, "archive", {
    method: "POST",
    path: "/echo",
    headers: { "content-type": "application/json" },
  });
  assert.equal(reply.statusCode, 400);
  assert.equal(JSON.parse(reply.body.toString()).error.code, "REQUEST_INVALID");
});

test("JSON goes there and back", async () => {
  const json = { name: "Straße", n: [1, 2.5, null] };
  assert.deepEqual(await requestJson(home.runDir, "archive", { method: "POST", path: "/echo", json }), json);
});

test("the socket is open to owner and group only, a stale file is replaced, and stopping removes it", async () => {
  const path = socketPathOf(home.runDir, "archive");
  assert.equal(statSync(path).mode & 0o777, 0o660);
  await socket.stop();
  await socket.stop();
  assert.equal(statSync(path, { throwIfNoEntry: false }), undefined);
  writeFileSync(path, "left by a crash");
  socket = serviceSocket("archive");
  await socket.start();
  assert.equal((await requestSocket(home.runDir, "archive", { path: "/health" })).statusCode, 200);
});

test("a service that does not run is SOCKET_UNAVAILABLE, named with its socket", async () => {
  await assert.rejects(requestSocket(home.runDir, "decode", { path: "/status" }), {
    code: "SOCKET_UNAVAILABLE",
    message: /decode\.sock .*ENOENT.*decode running/,
  });
});

async function strangeService(name: string, answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer as never);
  await new Promise<void>((resolve) => server.listen(socketPathOf(home.runDir, name), resolve));
  return server;
}

test("a service that hangs is SOCKET_UNAVAILABLE after the time-out", async () => {
  const server = await strangeService("web", (() => {}) as never);
  await assert.rejects(requestSocket(home.runDir, "web", { path: "/", timeoutMs: 50 }), {
    code: "SOCKET_UNAVAILABLE",
    message: /timed out/,
  });
  server.closeAllConnections();
  server.close();
});

test("an answer that breaks the agreement is ANSWER_INVALID", async () => {
  const server = await strangeService("web", ((
    request: { url: string },
    response: { writeHead: (status: number) => { end: (body: string) => void } },
  ) => {
    const [status, body] = request.url === "/html" ? ([200, "<html>"] as const) : ([500, '{"error":"x"}'] as const);
    response.writeHead(status).end(body);
  }) as never);
  await assert.rejects(requestJson(home.runDir, "web", { path: "/html" }), { code: "ANSWER_INVALID" });
  await assert.rejects(requestJson(home.runDir, "web", { path: "/error" }), { code: "ANSWER_INVALID" });
  server.closeAllConnections();
  server.close();
});
