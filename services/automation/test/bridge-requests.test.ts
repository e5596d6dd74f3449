import assert from "node:assert/strict";
import { test } from "node:test";
import { answerRequest } from "../src/bridge-requests.ts";
import { DiscoveryWatch } from "../src/discovery-watch.ts";

const verbs = { announce: () => ({ done: true }) };
const message = (topic: string, payload: string) => ({ topic, payload, retain: true, qos: 1 as const });

test("a request is answered with its transaction, whatever that is", () => {
  assert.deepEqual(answerRequest("announce", Buffer.from('{"transaction":7}'), verbs), {
    status: "ok",
    data: { done: true },
    transaction: 7,
  });
  assert.deepEqual(answerRequest("announce", Buffer.alloc(0), verbs), { status: "ok", data: { done: true } });
});

test("an unknown verb and a payload that is not JSON are answered in words", () => {
  const unknown = answerRequest("toString", Buffer.from('{"transaction":"t"}'), verbs);
  assert.deepEqual([unknown.status, unknown.transaction], ["error", "t"]);
  assert.match(unknown.error ?? "", /Unknown request toString; .*announce/);
  assert.match(answerRequest("announce", Buffer.from("{"), verbs).error ?? "", /Expected JSON/);
  assert.equal(answerRequest("announce", Buffer.from("null"), verbs).status, "ok");
});

test("an empty message of ours that comes back is not somebody else's", () => {
  const watch = new DiscoveryWatch("homeassistant");
  const topic = "homeassistant/device/lanthorn_porch/config";
  assert.deepEqual(watch.unwatched([message(topic, "{}"), message("lanthorn/x", "")]), [topic]);
  watch.subscribed([topic]);
  assert.deepEqual(watch.unwatched([message(topic, "{}")]), []);
  watch.sending(message(topic, ""));
  assert.equal(watch.isClearedByOthers(topic, Buffer.alloc(0)), false);
  assert.equal(watch.isClearedByOthers(topic, Buffer.from("{}")), false);
  assert.equal(watch.isClearedByOthers(topic, Buffer.alloc(0)), true);
});
