/** What the archive says of itself is true: every route is described, nothing else is, and answers are what the schemas say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, createMetrics, type Endpoint, ServiceSocket, systemClock, type WallUs } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import * as api from "@lanthorn/contract/archive";
import { assertOpenApi, describedOperations, makeTemporaryHome, servedOperations, waitUntil } from "@lanthorn/testing";
import type { FastifyInstance } from "fastify";
import { addRoutes, type RouteSources } from "../src/routes.ts";
import { ArchiveRig } from "./support/archive-rig.ts";
import { withExactAnswer } from "./support/described-answers.ts";
import { viewOf } from "./support/made-embeddings.ts";
import { MadeResults } from "./support/made-results.ts";

const CAMERA = CameraId.parse("street");
const EVENTS = ["0199a1b2-0000-7000-8000-000000000001", "0199a1b2-0000-7000-8000-000000000002"] as const;

test("every route of the socket is described, nothing else is, and the document is OpenAPI 3.1", async () => {
  using home = makeTemporaryHome();
  const context = {
    ...{ name: "archive", config: {}, paths: home.paths("archive"), clock: systemClock },
    log: createLogger("archive", "silent"),
    metrics: createMetrics("archive"),
    fail: (error: unknown) => assert.fail(String(error)),
  };
  let app: FastifyInstance | undefined;
  const socket = new ServiceSocket(context, {
    status: () => ({}),
    routes: (made) => {
      app = made;
      addRoutes(made, {} as RouteSources); // routes are added here, and but for the document nobody asks them
    },
  });
  await socket.start();
  try {
    const served = servedOperations(app?.printRoutes({ commonPrefix: false }) ?? "");
    assert.ok(served.length >= 30, `found only ${served.length} routes`);
    const document = (await app?.inject("/openapi.json"))?.json() as object;
    assert.deepEqual(describedOperations(document), served);
    await assertOpenApi(document);
  } finally {
    await socket.stop();
  }
});

test("the check of answers sees what is missing, and what is too much", () => {
  const { schema } = withExactAnswer(api.LIST_CLIPS).answer;
  assert.equal(schema?.safeParse({ clips: [] }).success, true);
  assert.match(schema?.safeParse({}).error?.message ?? "", /something else than described/);
  assert.match(schema?.safeParse({ clips: [], more: 1 }).error?.message ?? "", /more than described/);
});

test("each JSON answer, asked of a running archive, is what its schema says and nothing more", async () => {
  await using rig = new ArchiveRig();
  await rig.feed(CAMERA);
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  await rig.start();
  await waitUntil("a closed segment", async () => (await rig.ask(api.LIST_SEGMENTS)).segments.length >= 2, 90_000);
  const nowUs: WallUs = systemClock.wallUs();
  for (const [index, id] of EVENTS.entries()) {
    results.event(id, "end", nowUs - 2_000_000 + index, nowUs);
    results.embedding(id, nowUs, viewOf(1, index));
  }
  const [id] = EVENTS;
  await waitUntil("similar events", async () => {
    const reply = await rig.request(`/events/${id}/similar`);
    return reply.statusCode === 200 && JSON.parse(reply.body.toString()).events.length > 0;
  });
  const camera = { params: { id: CAMERA } };
  const span = { fromUs: nowUs - 3_600_000_000, toUs: nowUs };
  const clip = await rig.ask(api.MAKE_CLIP, { body: { name: "Visitor", cameras: [CAMERA], ...span } });
  const made = await rig.ask(api.MAKE_EXPORT, { body: { cameras: [CAMERA], ...span } });
  const dropped = await rig.ask(api.MAKE_EXPORT, { body: { cameras: [CAMERA], ...span, mode: "burned-time" } });
  const asked = new Map<Endpoint, unknown>([
    [api.MAKE_CLIP, clip],
    [api.MAKE_EXPORT, made],
    [api.CANCEL_EXPORT, await rig.ask(api.CANCEL_EXPORT, { params: { id: dropped.id } })],
    [api.READ_TIMELINE, await rig.ask(api.READ_TIMELINE, { ...camera, query: span })],
    [api.LIST_SEGMENTS, await rig.ask(api.LIST_SEGMENTS, { query: { camera: CAMERA } })],
    [api.LIST_EVENTS, await rig.ask(api.LIST_EVENTS, { query: { camera: [CAMERA], text: "stre mot" } })],
    [api.READ_EVENT, await rig.ask(api.READ_EVENT, { params: { id } })],
    [api.LIST_SIMILAR_EVENTS, await rig.ask(api.LIST_SIMILAR_EVENTS, { params: { id } })],
    [api.READ_ACTIVITY, await rig.ask(api.READ_ACTIVITY, { query: { ...span, camera: CAMERA, bucketS: 60 } })],
    [api.LIST_PREVIEWS, await rig.ask(api.LIST_PREVIEWS, { ...camera, query: span })],
    [api.LIST_CLIPS, await rig.ask(api.LIST_CLIPS)],
    [api.READ_CLIP, await rig.ask(api.READ_CLIP, { params: { id: clip.id } })],
    [api.READ_RETENTION, await rig.ask(api.READ_RETENTION)],
    [api.MAKE_BACKUP, await rig.ask(api.MAKE_BACKUP)],
    [api.LIST_BACKUPS, await rig.ask(api.LIST_BACKUPS)],
    [api.LIST_EXPORTS, await rig.ask(api.LIST_EXPORTS, { query: { limit: 1 } })],
    [api.READ_EXPORT, await rig.ask(api.READ_EXPORT, { params: { id: made.id } })],
    [api.READ_EXPORT_KEY, await rig.ask(api.READ_EXPORT_KEY)],
    [api.READ_HEALTH, await rig.ask(api.READ_HEALTH)],
    [api.READ_STATUS, await rig.ask(api.READ_STATUS)],
    [api.READ_OPENAPI, await rig.ask(api.READ_OPENAPI)],
  ]);
  const unasked = api.ARCHIVE_ENDPOINTS.filter((one) => one.answer.schema !== undefined && !asked.has(one));
  assert.deepEqual(unasked, [], "an endpoint with a JSON answer is asked here");
  const timeline = asked.get(api.READ_TIMELINE) as { segments: object[]; events: object[] };
  assert.deepEqual([timeline.segments.length > 0, timeline.events.length], [true, 2], "there was something to answer");
  assert.equal((await rig.send("DELETE", `/clips/${clip.id}`)).statusCode, 204);
  assert.equal((await rig.send("DELETE", `/exports/${made.id}`)).statusCode, 204);
  assert.equal((await rig.request("/metrics")).statusCode, 200);
});
