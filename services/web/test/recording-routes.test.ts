/** What the page asks of recordings reaches the archive as it was asked, and nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installErrorHandler, socketPathOf } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
import fastify from "fastify";
import { recordingRoutes, search } from "../src/api/recording-routes.ts";
import { registerRoutes } from "../src/api/register-routes.ts";

/** The routes before an archive that repeats what it is asked. */
async function makeScene() {
  const home = makeTemporaryHome();
  const archive = fastify({ forceCloseConnections: true });
  archive.get("/*", (request, reply) => reply.header("x-asked", request.url).send("ok"));
  await archive.listen({ path: socketPathOf(home.runDir, "archive") });
  const app = fastify();
  installErrorHandler(app);
  registerRoutes(app, recordingRoutes(home.runDir));
  return {
    app,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await archive.close();
      home.remove();
    },
  };
}

test("each route asks the archive what it was asked", async () => {
  await using scene = await makeScene();
  const passed: [string, string?][] = [
    ["/cameras/street/timeline?fromUs=1&toUs=2"],
    ["/cameras/street/recording.mp4?fromUs=1&toUs=2&start=key-frame"],
    ["/cameras/street/recording.m3u8?fromUs=1&toUs=2&stream=sub"],
    ["/cameras/street/recording/init/7.mp4", "/cameras/street/recording/init/7.mp4?"],
    ["/cameras/street/recording/12/1630-48211.m4s?shift90k=-5"],
    ["/activity?fromUs=1&toUs=2&label=person&label=car&by=group&bucketS=3600"],
  ];
  for (const [path, expected] of passed) {
    const answer = await scene.app.inject(`/api${path}`);
    assert.deepEqual([answer.statusCode, answer.headers["x-asked"]], [200, expected ?? path]);
  }
});

test("what is malformed never reaches the archive", async () => {
  await using scene = await makeScene();
  for (const path of [
    "/cameras/street/recording.mp4?fromUs=1&toUs=2&start=middle",
    "/cameras/street/recording.m3u8?fromUs=2&toUs=2",
    "/cameras/street/recording/init/7.mp4%2f..%2f",
    "/cameras/street/recording/12/..%2f..%2fsecret.m4s",
    "/cameras/street/recording/12x/1-2.m4s",
    "/activity?fromUs=1&toUs=2&by=colour",
    "/activity?fromUs=1&toUs=2&unknown=1",
  ]) {
    const answer = await scene.app.inject(`/api${path}`);
    assert.deepEqual([path, answer.statusCode, answer.json().error.code], [path, 400, "WEB_REQUEST_INVALID"]);
  }
});

test("a filter that is given several times is passed on several times", () => {
  assert.equal(search({ camera: ["a", "b"], text: "red car", zone: undefined }), "camera=a&camera=b&text=red+car");
});
