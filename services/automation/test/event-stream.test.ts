import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "../src/event-stream.ts";
import { detectionEvent, eventRecord } from "./small-house.ts";

const { frame } = eventRecord("new", detectionEvent("a", "porch"));
const at = (x: number) => detectionEvent("a", "porch", { box: { x, y: 0, width: 0.1, height: 0.1 } });

test("each change carries what was said before; the first one says the same twice", () => {
  const stream = new EventStream("");
  const first = stream.take("new", at(0.1), frame, 0).change;
  assert.deepEqual(first?.before, first?.after);
  const second = stream.take("update", at(0.2), frame, 1000).change;
  assert.deepEqual([second?.before.box.x, second?.after.box.x], [0.1, 0.2]);
  const last = stream.take("end", at(0.3), frame, 1001).change;
  assert.deepEqual([last?.before.box.x, last?.after.box.x], [0.2, 0.3]);
});

test("updates come at most once a second, and one that was left out is not a before", () => {
  const stream = new EventStream("");
  stream.take("new", at(0.1), frame, 0);
  assert.deepEqual(stream.take("update", at(0.2), frame, 999), {});
  assert.equal(stream.take("update", at(0.3), frame, 1000).change?.before.box.x, 0.1);
});

test("only the beginning of an event triggers", () => {
  const stream = new EventStream("");
  assert.ok(stream.take("new", at(0.1), frame, 0).trigger);
  assert.equal(stream.take("update", at(0.1), frame, 2000).trigger, undefined);
  assert.equal(stream.take("end", at(0.1), frame, 4000).trigger, undefined);
});

test("links are given where the web interface's address is known, and null where it is not", () => {
  const known = new EventStream("https://box.local").take("new", at(0), frame, 0).trigger;
  assert.equal(known?.snapshot_url, "https://box.local/api/events/a/thumbnail");
  assert.equal(
    known?.clip_url,
    "https://box.local/api/cameras/porch/recording.mp4?fromUs=1767225595000000&toUs=1767225620000000",
  );
  const unknown = new EventStream("").take("new", at(0), frame, 0).trigger;
  assert.deepEqual([unknown?.snapshot_url, unknown?.clip_url], [null, null]);
});

test("events that are never ended do not fill the memory", () => {
  const stream = new EventStream("");
  for (let index = 0; index < 1200; index++) {
    stream.take("new", detectionEvent(`e${index}`, "porch"), frame, index);
  }
  const forgotten = stream.take("end", detectionEvent("e0", "porch"), frame, 2000).change;
  const kept = stream.take("end", detectionEvent("e1199", "porch", { score01: 0.1 }), frame, 2000).change;
  assert.deepEqual(forgotten?.before, forgotten?.after);
  assert.notDeepEqual(kept?.before, kept?.after);
});
