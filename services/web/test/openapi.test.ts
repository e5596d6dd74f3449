import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogger, createMetrics, type ServiceContext, systemClock } from "@lanthorn/base";
import { assertOpenApi, describedOperations, makeTemporaryHome, servedOperations } from "@lanthorn/testing";
import { type WebConfig, webConfig } from "../src/config.ts";
import { ResultsHub } from "../src/events/results-hub.ts";
import { StillPictures } from "../src/still-pictures.ts";
import { WebServer } from "../src/web-server.ts";

async function assembled() {
  const home = makeTemporaryHome();
  const context: ServiceContext<WebConfig> = {
    name: "web",
    config: webConfig.parse({}),
    paths: home.paths("web"),
    clock: systemClock,
    log: createLogger("web", "silent"),
    metrics: createMetrics("web"),
    fail: (error) => assert.fail(String(error)),
  };
  const directory = { cameras: () => [], onChange: () => () => {}, refresh: () => {} };
  const server = new WebServer(context, {
    clock: systemClock,
    directory,
    hub: new ResultsHub({ directory, ringPrefix: home.ringPrefix, clock: systemClock, log: context.log }),
    pictures: new StillPictures(systemClock, home.ringPrefix),
    uiDirectory: fileURLToPath(new URL("nothing-here", import.meta.url)),
  });
  const app = await server.assemble(new AbortController().signal);
  await app.ready();
  return {
    app,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      home.remove();
    },
  };
}

interface Operation {
  readonly summary: string;
  readonly parameters: { name: string; in: string; required: boolean; schema: object }[];
  readonly responses: Record<string, object>;
}

interface OpenApi {
  readonly paths: Record<string, { readonly get?: Operation; readonly post?: Operation }>;
}

test("every route under /api is described, and nothing is described that is not there", async () => {
  await using scene = await assembled();
  const routes = servedOperations(scene.app.printRoutes({ commonPrefix: false })).filter(
    (route) => route.includes(" /api/") && route !== "GET /api/openapi.json",
  );
  assert.ok(routes.length >= 30, `found only ${routes.length} routes`);
  const document = (await scene.app.inject("/api/openapi.json")).json();
  assert.deepEqual(describedOperations(document), routes);
});

test("the description is OpenAPI 3.1 with parameters from the schemas that validate them", async () => {
  await using scene = await assembled();
  const document = (await scene.app.inject("/api/openapi.json")).json() as OpenApi;
  await assertOpenApi(document);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );
  for (const { path, summary, parameters, responses } of operations) {
    assert.ok(summary.length > 5, path);
    assert.ok("default" in responses, path);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(
      parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name),
      named,
      path,
    );
    assert.ok(
      parameters.every(({ schema }) => Object.keys(schema).length > 0),
      path,
    );
  }
  const timeline = document.paths["/api/cameras/{id}/timeline"]?.get?.parameters.find(({ name }) => name === "fromUs");
  assert.deepEqual([timeline?.required, (timeline?.schema as { type?: string } | undefined)?.type], [true, "integer"]);
  const limit = document.paths["/api/events"]?.get?.parameters.find(({ name }) => name === "limit");
  assert.equal(limit?.required, false);
});

test("without a built page the API answers, and / says what to run", async () => {
  await using scene = await assembled();
  const answer = await scene.app.inject({ url: "/", headers: { host: "localhost" } });
  assert.equal(answer.statusCode, 412);
  assert.equal(answer.json().error.code, "WEB_UI_NOT_BUILT");
  assert.match(answer.json().error.message, /npm run build/);
});
