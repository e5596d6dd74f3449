import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogger, createMetrics, type ServiceContext, systemClock } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
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
  const directory = { cameras: () => [], onChange: () => () => {} };
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

/** Paths of fastify's route tree: each level is indented by four characters. */
function pathsOf(tree: string): string[] {
  const parents: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const match = /^([\s│]*)[├└]── (\S+)( \()?/.exec(line);
    if (match === null) {
      return [];
    }
    const [, indent = "", part = "", isRoute] = match;
    const depth = indent.length / 4;
    const path = `${depth === 0 ? "" : parents[depth - 1]}${part}`;
    parents[depth] = path;
    return isRoute === undefined ? [] : [path];
  });
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<
    string,
    {
      get: {
        operationId: string;
        summary: string;
        parameters: { name: string; in: string; required: boolean; schema: object }[];
        responses: Record<string, object>;
      };
    }
  >;
}

test("every route under /api is described, and nothing is described that is not there", async () => {
  await using scene = await assembled();
  const routes = pathsOf(scene.app.printRoutes({ commonPrefix: false }))
    .filter((path) => path.startsWith("/api/") && path !== "/api/openapi.json")
    .map((path) => path.replace(/:(\w+)/g, "{$1}"));
  assert.ok(routes.length >= 9, `found only ${routes.length} routes`);
  const document = (await scene.app.inject("/api/openapi.json")).json() as OpenApi;
  assert.deepEqual(Object.keys(document.paths).toSorted(), routes.toSorted());
});

test("the description is OpenAPI 3.1 with parameters from the schemas that validate them", async () => {
  await using scene = await assembled();
  const document = (await scene.app.inject("/api/openapi.json")).json() as OpenApi;
  assert.equal(document.openapi, "3.1.0");
  const operations = Object.entries(document.paths).map(([path, { get }]) => ({ path, ...get }));
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
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
  const timeline = document.paths["/api/cameras/{id}/timeline"]?.get.parameters.find(({ name }) => name === "fromUs");
  assert.deepEqual([timeline?.required, (timeline?.schema as { type?: string } | undefined)?.type], [true, "integer"]);
  const limit = document.paths["/api/events"]?.get.parameters.find(({ name }) => name === "limit");
  assert.equal(limit?.required, false);
});

test("without a built page the API answers, and / says what to run", async () => {
  await using scene = await assembled();
  const answer = await scene.app.inject({ url: "/", headers: { host: "localhost" } });
  assert.equal(answer.statusCode, 412);
  assert.equal(answer.json().error.code, "WEB_UI_NOT_BUILT");
  assert.match(answer.json().error.message, /npm run build/);
});
