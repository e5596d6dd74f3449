import assert from "node:assert/strict";
import { test } from "node:test";
import { installErrorHandler, systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import Sqlite from "better-sqlite3";
import fastify from "fastify";
import { checkClips } from "../../src/check/check-disks.ts";
import { Findings } from "../../src/check/findings.ts";
import { addClipRoutes } from "../../src/clips/clip-routes.ts";
import { migrate } from "../../src/store/migrations.ts";
import { makeStore } from "../../src/store/store.ts";

function served() {
  const database = new Sqlite(":memory:");
  migrate(database);
  const store = makeStore(database);
  const app = fastify();
  installErrorHandler(app);
  const cameraNames = () => new Map([["street", "The street"]]);
  addClipRoutes(app, { store, clock: systemClock, cameraNames });
  const ask = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object) => {
    const reply = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    return { status: reply.statusCode, body: reply.body === "" ? undefined : reply.json() };
  };
  return { store, database, ask };
}
const CLIP = { name: "the cat", cameras: ["street"], fromUs: 1000, toUs: 2000 };

test("a clip is made, listed, read and deleted; one of a camera that has recorded nothing keeps nothing yet", async () => {
  const { ask, store } = served();
  const made = await ask("POST", "/clips", CLIP);
  assert.equal(made.status, 201);
  assert.deepEqual([made.body.name, made.body.segments, made.body.bytes], ["the cat", 0, 0]);
  assert.deepEqual((await ask("GET", `/clips/${made.body.id}`)).body, made.body);
  assert.deepEqual((await ask("GET", "/clips")).body, { clips: [made.body] });
  assert.deepEqual(store.clips.spansOf("street").length, 1);
  assert.equal((await ask("DELETE", `/clips/${made.body.id}`)).status, 204);
  assert.deepEqual(store.clips.spansOf("street").length, 0);
  assert.equal((await ask("GET", `/clips/${made.body.id}`)).body.error.code, "ARCHIVE_CLIP_UNKNOWN");
});

test("what is no clip is refused, and every fault is named", async () => {
  const { ask, store } = served();
  const wrong: [object, RegExp][] = [
    [{ ...CLIP, name: "" }, /name/],
    [{ ...CLIP, name: "x".repeat(201) }, /name/],
    [{ ...CLIP, cameras: [] }, /cameras/],
    [{ ...CLIP, cameras: ["street", "street"] }, /each camera once/],
    [{ ...CLIP, cameras: ["../etc"] }, /cameras/],
    [{ ...CLIP, toUs: 1000 }, /later than fromUs/],
    [{ ...CLIP, fromUs: -1 }, /fromUs/],
    [{ ...CLIP, toUs: 1e300 }, /toUs/],
    [{ ...CLIP, fromUs: "1000" }, /fromUs/],
    [{ ...CLIP, more: 1 }, /more/],
    [[], /query/],
  ];
  for (const [body, words] of wrong) {
    const { status, body: answer } = await ask("POST", "/clips", body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(answer.error.code, "ARCHIVE_QUERY_INVALID");
    assert.match(answer.error.message, words);
  }
  assert.deepEqual(store.clips.list(), []);
});

test("there is an end to clips: each is looked at for every segment", async () => {
  const { ask, database } = served();
  database.exec(`insert into clip (uuid, name, start_wall_us, end_wall_us, created_wall_us)
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000) select i, 'x', i, i + 1, 0 from n`);
  const { status, body } = await ask("POST", "/clips", CLIP);
  assert.deepEqual([status, body.error.code], [507, "ARCHIVE_CLIPS_FULL"]);
});

test("check finds a clip that is of no camera", () => {
  const { database } = served();
  database.exec("insert into clip values (1, 'a', 'empty', 1, 2, 0)");
  const findings = new Findings();
  checkClips(database, findings);
  assert.deepEqual(
    findings.faults.map(({ invariant }) => invariant),
    ["K2"],
  );
});

test("a clip of a camera that is neither registered nor has footage is refused, and the cameras there are are named", async () => {
  const { ask, store } = served();
  store.cameras.ensure(CameraId.parse("gone")); // not registered any more, but its footage is there
  const refused = await ask("POST", "/clips", { ...CLIP, cameras: ["street", "strete"] });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error.code, "ARCHIVE_CLIP_CAMERA_UNKNOWN");
  assert.match(refused.body.error.message, /received strete\. There are: gone, street$/);
  assert.deepEqual((await ask("GET", "/clips")).body, { clips: [] });
  assert.equal((await ask("POST", "/clips", { ...CLIP, cameras: ["street", "gone"] })).status, 201);
});
