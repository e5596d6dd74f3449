import assert from "node:assert/strict";
import { test } from "node:test";
import { appliancePayload, cameraPayload } from "../src/discovery.ts";
import { TOPICS, TopicTree } from "../src/topics.ts";
import { DiscoveryPayload } from "./discovery-schema.ts";

const topics = new TopicTree("lanthorn", "homeassistant");
const appliance = { id: "box_0123abcd", name: "Lanthorn", version: "0.1.0", url: "https://lanthorn-0123.local" };
const porch = { id: "porch", name: "Front porch", labels: ["person", "traffic light"] };

test("payloads are what Home Assistant accepts, with and without an address for links", () => {
  for (const url of [appliance.url, ""]) {
    DiscoveryPayload.parse(appliancePayload(topics, { ...appliance, url }));
    DiscoveryPayload.parse(cameraPayload(topics, { ...appliance, url }, porch));
  }
});

test("the schema of the test refuses what Home Assistant refuses", () => {
  const good = cameraPayload(topics, appliance, porch);
  const { origin: _origin, ...withoutOrigin } = good;
  assert.equal(DiscoveryPayload.safeParse(withoutOrigin).success, false);
  assert.equal(DiscoveryPayload.safeParse({ ...good, components: {} }).success, false);
  const { picture } = good.components;
  assert.equal(DiscoveryPayload.safeParse({ ...good, components: { a: picture, b: picture } }).success, false);
});

test("every topic a payload names is one that the service publishes for that camera", () => {
  const text = JSON.stringify(cameraPayload(topics, appliance, porch).components);
  const named = [...text.matchAll(/"(?:\w+_)?topic":"([^"]+)"/g)].map(([, topic]) => topic);
  assert.ok(named.length > 10);
  const published = ["porch"].flatMap((camera) =>
    ["motion", ...porch.labels].flatMap((label) =>
      (Object.keys(TOPICS) as (keyof typeof TOPICS)[])
        .filter((kind) => TOPICS[kind].direction !== "in")
        .map((kind) => topics.topic(kind, { camera, label })),
    ),
  );
  for (const topic of named) {
    assert.ok(topic !== undefined && published.includes(topic), topic);
  }
});

test("nothing is offered that nobody obeys: there is no command topic", () => {
  for (const payload of [appliancePayload(topics, appliance), cameraPayload(topics, appliance, porch)]) {
    assert.doesNotMatch(JSON.stringify(payload), /command_topic/);
  }
});

test("the connection sensor stays available when the camera is not: that is what it tells", () => {
  const { components } = cameraPayload(topics, appliance, porch);
  assert.deepEqual(components.link?.availability, [{ topic: "lanthorn/bridge/state" }]);
  assert.equal(components.motion?.availability, undefined);
});

test("every reading but the two most useful is there but not shown at first", () => {
  const { components } = cameraPayload(topics, appliance, porch);
  const shown = Object.entries(components)
    .filter(([, component]) => component.entity_category === "diagnostic" && component.enabled_by_default !== false)
    .map(([key]) => key);
  assert.deepEqual(shown, ["link", "fps", "loss_pct"]);
});

test("a name changes names only: ids and topics stay", () => {
  const before = cameraPayload(topics, appliance, porch);
  const after = cameraPayload(topics, appliance, { ...porch, name: "Haustür" });
  assert.deepEqual(after.components, before.components);
  assert.deepEqual(after.device.identifiers, before.device.identifiers);
});
