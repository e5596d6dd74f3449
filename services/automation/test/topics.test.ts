import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraSegment, labelSegment, TOPICS, TopicTree } from "../src/topics.ts";

const topics = new TopicTree("lanthorn", "homeassistant");

test("a topic is its pattern with the places filled in; a place that is not given is a wildcard", () => {
  assert.equal(topics.topic("availability", { camera: "porch" }), "lanthorn/porch/availability");
  assert.equal(topics.topic("discovery", { device: "lanthorn_porch" }), "homeassistant/device/lanthorn_porch/config");
  assert.equal(topics.topic("request"), "lanthorn/bridge/request/+");
});

test("no camera can take a topic of the bridge, whatever its id", () => {
  const own = Object.values(TOPICS).map(({ pattern }) => pattern.split("/")[1]);
  assert.ok(own.includes("bridge") && own.includes("events"));
  for (const id of ["bridge", "events"]) {
    assert.equal(cameraSegment(id), `camera_${id}`);
  }
  assert.equal(cameraSegment("porch"), "porch");
});

test("a label becomes one level that MQTT and Home Assistant accept", () => {
  for (const [label, segment] of [
    ["person", "person"],
    ["traffic light", "traffic_light"],
    ["a/b#+", "a_b_"],
    ["Straße", "stra_e"],
    ["人", "_"],
  ] as const) {
    assert.equal(labelSegment(label), segment);
    assert.match(segment, /^[a-zA-Z0-9_-]+$/);
  }
});

test("a message carries the retain flag and QoS of its kind; objects become JSON, bytes stay bytes", () => {
  const jpeg = Buffer.from([0xff, 0xd8]);
  assert.deepEqual(topics.message("image", { camera: "porch" }, jpeg), {
    topic: "lanthorn/porch/image",
    payload: jpeg,
    retain: true,
    qos: 0,
  });
  assert.deepEqual(topics.message("events", {}, { type: "new" }), {
    topic: "lanthorn/events",
    payload: '{"type":"new"}',
    retain: false,
    qos: 1,
  });
});

test("nothing that Home Assistant drops when retained is retained", () => {
  assert.equal(TOPICS.event.retain, false);
  assert.equal(TOPICS.events.retain, false);
});
