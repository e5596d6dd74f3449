/** What browsers ask of the archive reaches it as it was asked, and nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installErrorHandler, socketPathOf } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
import fastify from "fastify";
import { archiveRoutes } from "../src/api/archive-routes.ts";
import { registerRoutes } from "../src/api/register-routes.ts";
import { RecentPictures } from "../src/events/recent-pictures.ts";

const EXPORT = "5f0c8f0e-7c53-4a9e-9d6b-1f2a3b4c5d6e";

/** The routes before an archive that repeats what it is asked, and knows no event that is called unknown. */
async function makeScene(pictures = new RecentPictures(1024)) {
  const home = makeTemporaryHome();
  const archive = fastify({ forceCloseConnections: true });
  archive.all("/*", (request, reply) =>
    request.url.includes("unknown/")
      ? reply.status(404).send({ error: { code: "ARCHIVE_EVENT_UNKNOWN" } })
      : reply
          .status(request.method === "GET" ? 200 : 201)
          .header("x-asked", request.url)
          .send({ method: request.method, body: request.body }),
  );
  await archive.listen({ path: socketPathOf(home.runDir, "archive") });
  const app = fastify();
  installErrorHandler(app);
  registerRoutes(app, archiveRoutes(home.runDir, pictures));
  return {
    app,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await archive.close();
      home.remove();
    },
  };
}

test("each route asks the archive what it was asked, with every default said", async () => {
  await using scene = await makeScene();
  const passed: [string, string?][] = [
    ["/cameras/street/timeline?fromUs=1&toUs=2", "/cameras/street/timeline?fromUs=1&toUs=2&stream=main"],
    ["/cameras/street/recording.mp4?fromUs=1&toUs=2&stream=main&start=key-frame"],
    ["/cameras/street/recording.m3u8?fromUs=1&toUs=2&stream=sub"],
    ["/cameras/street/recording/init/7.mp4"],
    ["/cameras/street/recording/12/1630-48211.m4s?shift90k=-5"],
    ["/activity?fromUs=1&toUs=2&label=person&label=car&by=group&buckets=300&bucketS=3600&originUs=0"],
    ["/events?camera=a&camera=b&zone=drive&minScore=0.5&text=red+car&limit=1000"],
    ["/events?label=person", "/events?label=person&limit=100"],
    ["/events/a/similar?limit=5&camera=street&minSimilarity=0.5"],
    ["/cameras/street/previews?fromUs=1&toUs=2&count=1000"],
    ["/clips"],
    ["/clips/one%2Ftwo"],
    ["/retention"],
    ["/exports?limit=5&before=9"],
    ["/exports/key"],
    [`/exports/${EXPORT}/files/a%20b%2F..%2Fc.mp4`],
    [`/exports/${EXPORT}/all.zip`],
    ["/events/a%3Fb/thumbnail?version=3", "/events/a%3Fb/thumbnail"],
  ];
  for (const [path, expected] of passed) {
    const answer = await scene.app.inject(`/api${path}`);
    assert.deepEqual([path, answer.statusCode, answer.headers["x-asked"]], [path, 200, expected ?? path]);
  }
});

test("an event heard of that the archive does not know yet has no picture yet; one that nobody knows is not found", async () => {
  const pictures = new RecentPictures(1024);
  await using scene = await makeScene(pictures);
  const ask = () => scene.app.inject("/api/events/unknown/thumbnail");
  assert.equal((await ask()).statusCode, 404);
  pictures.hear("unknown");
  const none = await ask();
  assert.deepEqual([none.statusCode, none.body, none.headers["content-type"]], [204, "", undefined]);
  pictures.put("unknown", Buffer.from("jpeg"));
  const picture = await ask();
  assert.deepEqual([picture.statusCode, picture.body], [200, "jpeg"]);
});

test("what changes something is passed on with its method and the body that was read", async () => {
  await using scene = await makeScene();
  const clip = { name: "Visitor", cameras: ["street"], fromUs: 1, toUs: 2 };
  const made = await scene.app.inject({ method: "POST", url: "/api/clips", payload: { ...clip, name: " Visitor " } });
  assert.deepEqual([made.statusCode, made.json()], [201, { method: "POST", body: clip }]);
  const body = { cameras: ["street"], fromUs: 1, toUs: 2 };
  const asked = await scene.app.inject({ method: "POST", url: "/api/exports", payload: body });
  assert.deepEqual(asked.json().body, { ...body, stream: "main", mode: "original", options: { sound: "compatible" } });
  const cancelled = await scene.app.inject({ method: "POST", url: `/api/exports/${EXPORT}/cancel`, payload: {} });
  assert.deepEqual([cancelled.json().method, cancelled.headers["x-asked"]], ["POST", `/exports/${EXPORT}/cancel`]);
  for (const path of ["/clips/one", `/exports/${EXPORT}`]) {
    const gone = await scene.app.inject({ method: "DELETE", url: `/api${path}` });
    assert.deepEqual([gone.json().method, gone.headers["x-asked"]], ["DELETE", path]);
  }
});

test("what is malformed never reaches the archive", async () => {
  await using scene = await makeScene();
  const asked: [method: "GET" | "POST", path: string, body?: object][] = [
    ["GET", "/cameras/street/recording.mp4?fromUs=1&toUs=2&start=middle"],
    ["GET", "/cameras/street/recording.m3u8?fromUs=2&toUs=2"],
    ["GET", "/cameras/street/recording/init/7.mp4%2f..%2f"],
    ["GET", "/cameras/street/recording/12/..%2f..%2fsecret.m4s"],
    ["GET", "/cameras/street/recording/12x/1-2.m4s"],
    ["GET", "/cameras/street/previews.jpegs?fromUs=1&toUs=2&count=301"],
    ["GET", "/activity?fromUs=1&toUs=2&by=colour"],
    ["GET", "/activity?fromUs=1&toUs=2&unknown=1"],
    ["GET", "/exports/no-uuid"],
    ["POST", "/clips", { name: "Visitor", cameras: ["../etc"], fromUs: 1, toUs: 2 }],
    ["POST", "/clips", { name: "Visitor", cameras: ["street"], fromUs: 1, toUs: 2, more: 1 }],
    ["POST", "/exports", {}],
  ];
  for (const [method, path, payload] of asked) {
    const answer = await scene.app.inject({ method, url: `/api${path}`, ...(payload && { payload }) });
    assert.deepEqual([path, answer.statusCode, answer.json().error?.code], [path, 400, "WEB_REQUEST_INVALID"]);
  }
});
