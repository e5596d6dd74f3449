import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import { AutomationStatus } from "@lanthorn/contract";
import { startService, waitUntil } from "@lanthorn/testing";
import { z } from "zod";
import { DiscoveryPayload } from "./discovery-schema.ts";
import { freePort, Listener, Mosquitto, type MosquittoOptions, retainedAt } from "./mosquitto.ts";
import { detectionEvent, JPEG, SmallHouse } from "./small-house.ts";

async function openHouse(t: TestContext, ...cameras: string[]): Promise<SmallHouse> {
  const house = new SmallHouse();
  await house.open();
  for (const camera of cameras) {
    house.addCamera(camera);
  }
  t.after(() => house.close());
  return house;
}

async function startBroker(t: TestContext, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = await Mosquitto.start(options);
  t.after(() => broker.remove());
  return broker;
}

async function listen(t: TestContext, url: string, account = {}): Promise<Listener> {
  const listener = await Listener.connect(url, account);
  t.after(() => listener.close());
  return listener;
}

/** Starts the service although it will end by itself. */
const startRefused = (house: SmallHouse, ...settings: string[]) =>
  startService("automation", house.home, {
    arguments: settings.flatMap((setting) => ["--set", setting]),
    waitForReady: false,
  });

const statusOf = async (house: SmallHouse) =>
  z
    .looseObject({ ...AutomationStatus.shape, outbox: z.object({ pending: z.number(), dropped: z.number() }) })
    .parse(await requestJson(house.home.runDir, "automation", { path: "/status" }));

const connected = (house: SmallHouse) =>
  waitUntil("the connection to the broker", async () => (await statusOf(house)).broker.connected);

test("a camera appears in Home Assistant by itself: the appliance first, then valid payloads, states and telemetry", async (t) => {
  const house = await openHouse(t, "porch", "yard");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using service = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/porch/availability", (text) => text === "online");
  await heard.hears("lanthorn/porch/telemetry");

  const discovered = heard.messages.filter(({ topic }) => topic.startsWith("homeassistant/device/"));
  const payloads = discovered.map(({ text }) => DiscoveryPayload.parse(JSON.parse(text)));
  assert.ok(payloads.length >= 3);
  const [appliance] = payloads;
  assert.match(discovered[0]?.topic ?? "", /^homeassistant\/device\/lanthorn_box_[0-9a-f]{8}\/config$/);
  const porch = payloads.find(({ device }) => device.identifiers?.[0] === "lanthorn_porch");
  assert.equal(porch?.device.via_device, appliance?.device.identifiers?.[0]);

  assert.equal(heard.of("lanthorn/bridge/state").at(-1)?.text, "online");
  assert.equal(heard.of("lanthorn/porch/motion").at(-1)?.text, "OFF");
  const [telemetry] = heard.jsonOf("lanthorn/porch/telemetry");
  assert.deepEqual(telemetry, {
    ...{ fps: 25, bitrate_kbps: 4500, rtt_ms: 1.3, loss_pct: 1, dropped: 3, latency_ms: null },
    ...{ codec: "h264", width: 1280, height: 720 },
  });
  const [info] = heard.jsonOf("lanthorn/bridge/info").slice(-1);
  assert.deepEqual(info?.cameras, [
    { id: "porch", name: "porch" },
    { id: "yard", name: "yard" },
  ]);
  await heard.hears("lanthorn/bridge/health", (text) => JSON.parse(text).cameras === 2);
  assert.match(service.log(), /"mqttVersion":"5.0"/);
});

test("an event in the results ring becomes motion, a trigger that is not retained, and new/update/end with before and after", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`, "motion.holdOffMs=300");
  await heard.hears("lanthorn/porch/motion", (text) => text === "OFF");

  house.writeEvent("new", detectionEvent("e1", "porch"));
  await heard.hears("lanthorn/porch/motion", (text) => text === "ON");
  house.writeSnapshot("porch", "motion", JPEG);
  await systemClock.sleep(1100); // updates of one event come at most once a second
  house.writeEvent("update", detectionEvent("e1", "porch", { box: { x: 0.5, y: 0.2, width: 0.3, height: 0.4 } }));
  await waitUntil("the update", () => heard.of("lanthorn/events").length === 2);
  assert.equal(heard.of("lanthorn/porch/motion").at(-1)?.text, "ON");
  house.writeEvent("end", detectionEvent("e1", "porch", { endWallUs: 1_767_225_602_500_000 }));
  await heard.hears("lanthorn/porch/motion", (text) => text === "OFF");

  type Change = {
    type: string;
    before: { box: { x: number } };
    after: { box: { x: number }; end_time: number | null };
  };
  const changes = heard.jsonOf<Change>("lanthorn/events");
  assert.deepEqual(
    changes.map(({ type }) => type),
    ["new", "update", "end"],
  );
  assert.deepEqual([changes[1]?.before.box.x, changes[1]?.after.box.x], [0.1, 0.5]);
  assert.equal(changes[2]?.after.end_time, 1_767_225_602.5);

  const triggers = heard.of("lanthorn/porch/event");
  assert.equal(triggers.length, 1);
  const [trigger] = heard.jsonOf("lanthorn/porch/event");
  assert.equal(trigger?.event_type, "motion");
  const [payload] = heard.jsonOf("homeassistant/device/lanthorn_porch/config");
  const { event_types } = DiscoveryPayload.parse(payload).components.event as { event_types: string[] };
  assert.ok(event_types.includes(String(trigger?.event_type)), "Home Assistant drops types that are not announced");

  const kept = await retainedAt(broker.url);
  assert.ok(kept.size > 5);
  assert.deepEqual(kept.get("lanthorn/porch/snapshot/motion"), JPEG);
  for (const topic of ["lanthorn/porch/event", "lanthorn/events"]) {
    assert.ok(!kept.has(topic), `${topic} must not be retained`);
  }
});

test("a label that was never seen before gets its entities, and is kept over a restart", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using service = await house.startAutomation(`mqtt.url=${broker.url}`, "motion.holdOffMs=100");
  await heard.hears("homeassistant/device/lanthorn_porch/config");
  const event = detectionEvent("e1", "porch", { label: "traffic light" });
  house.writeEvent("new", event);
  await heard.hears("lanthorn/porch/object/traffic_light", (text) => text === "ON");
  assert.equal((await heard.hears("lanthorn/porch/object/traffic_light/count")).text, "1");
  const config = await heard.hears("homeassistant/device/lanthorn_porch/config", (text) =>
    text.includes("traffic_light"),
  );
  assert.ok(DiscoveryPayload.parse(JSON.parse(config.text)).components.object_traffic_light);
  await heard.hears("lanthorn/porch/event", (text) => JSON.parse(text).event_type === "traffic_light");
  house.writeEvent("end", event);
  await heard.hears("lanthorn/porch/object/traffic_light", (text) => text === "OFF");
  await service.stop();
  heard.messages.length = 0;
  await using _again = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("homeassistant/device/lanthorn_porch/config", (text) => text.includes("traffic_light"));
});

test("after kill -9 the broker tells the last will; an orderly stop says offline itself; a new start is online again", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using killed = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/bridge/state", (text) => text === "online");
  await killed.kill9();
  await heard.hears("lanthorn/bridge/state", (text) => text === "offline");
  assert.equal((await retainedAt(broker.url)).get("lanthorn/bridge/state")?.toString(), "offline");

  await using stopped = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/bridge/state", (text) => text === "online");
  assert.deepEqual(await stopped.stop(), { code: 0, signal: null });
  await heard.hears("lanthorn/bridge/state", (text) => text === "offline");
});

test("an event in the ring that a killed run had not taken is delivered by the next one; one that was taken is not repeated", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using first = await house.startAutomation(`mqtt.url=${broker.url}`);
  await connected(house);
  house.writeEvent("new", detectionEvent("e1", "porch"));
  await waitUntil("the first event", () => heard.of("lanthorn/events").length === 1);
  await waitUntil("its acknowledgement", async () => (await statusOf(house)).outbox.pending === 0);
  await first.kill9();
  house.writeEvent("end", detectionEvent("e1", "porch", { endWallUs: 1_767_225_603_000_000 }));
  await using _second = await house.startAutomation(`mqtt.url=${broker.url}`);
  await waitUntil("the event's end", () => heard.of("lanthorn/events").length === 2);
  await systemClock.sleep(300);
  assert.deepEqual(
    heard.jsonOf<{ type: string }>("lanthorn/events").map(({ type }) => type),
    ["new", "end"],
  );
});

test("a broker that forgot everything gets all retained topics back", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/porch/telemetry");
  await heard.hears("lanthorn/bridge/health");
  const before = await retainedAt(broker.url);
  await broker.down();
  await broker.up();
  await waitUntil("all retained topics", async () => {
    const now = await retainedAt(broker.url);
    return [...before.keys()].every((topic) => now.has(topic));
  });
});

test("a removed camera leaves nothing retained, whether it goes while the service runs or while it does not", async (t) => {
  const house = await openHouse(t, "porch", "yard", "shed");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using service = await house.startAutomation(`mqtt.url=${broker.url}`);
  for (const camera of ["porch", "yard", "shed"]) {
    house.writeSnapshot(camera, "motion", JPEG);
    await heard.hears(`lanthorn/${camera}/snapshot/motion`);
    await heard.hears(`lanthorn/${camera}/telemetry`);
  }
  const topicsOf = async (camera: string) =>
    [...(await retainedAt(broker.url)).keys()].filter((topic) => topic.includes(camera));
  assert.ok((await topicsOf("porch")).length >= 5);
  house.removeCamera("porch");
  await waitUntil("nothing retained of porch", async () => (await topicsOf("porch")).length === 0);
  await service.stop();
  house.removeCamera("yard");
  await using _again = await house.startAutomation(`mqtt.url=${broker.url}`);
  await waitUntil("nothing retained of yard", async () => (await topicsOf("yard")).length === 0);
  assert.ok((await topicsOf("shed")).length >= 5);

  heard.messages.length = 0;
  house.addCamera("porch", "Front porch");
  await heard.hears("homeassistant/device/lanthorn_porch/config", (text) => text.includes("Front porch"));
  await heard.hears("lanthorn/porch/availability", (text) => text === "online");
});

test("a renamed camera keeps every topic and unique id", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`);
  const topic = "homeassistant/device/lanthorn_porch/config";
  const before = DiscoveryPayload.parse(JSON.parse((await heard.hears(topic)).text));
  house.renameCamera("porch", "Haustür");
  const after = DiscoveryPayload.parse(JSON.parse((await heard.hears(topic, (text) => text.includes("Haustür"))).text));
  assert.equal(after.device.name, "Haustür");
  assert.deepEqual(after.components, before.components);
  assert.deepEqual(after.device.identifiers, before.device.identifiers);
});

test("a camera that ingest loses is offline; when ingest itself is silent, all are", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/porch/availability", (text) => text === "online");
  const link = house.links.get("porch");
  house.links.delete("porch");
  await heard.hears("lanthorn/porch/availability", (text) => text === "offline");
  assert.ok(link !== undefined);
  house.links.set("porch", link);
  await heard.hears("lanthorn/porch/availability", (text) => text === "online");
  rmSync(`${house.home.runDir}/ingest.sock`);
  await heard.hears("lanthorn/porch/availability", (text) => text === "offline");
});

test("events of an outage are delivered once and in order, without the triggers that came too late", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`, "outbox.triggerMaxAgeMs=1000");
  await connected(house);
  await broker.down();
  await waitUntil("the loss to be noticed", async () => !(await statusOf(house)).broker.connected);
  const ids = Array.from({ length: 100 }, (_, index) => `e${index}`);
  for (const id of ids) {
    house.writeEvent("new", detectionEvent(id, "porch"));
    house.writeEvent("end", detectionEvent(id, "porch", { endWallUs: 1_767_225_602_000_000 }));
  }
  await waitUntil("all events in the outbox", async () => (await statusOf(house)).outbox.pending === 300);
  const refused = /No MQTT broker answers at mqtt:\/\/127\.0\.0\.1:\d+ .*nothing listens/;
  await waitUntil("the error in words", async () => refused.test((await statusOf(house)).broker.lastError ?? ""));
  assert.equal((await requestSocket(house.home.runDir, "automation", { path: "/health" })).statusCode, 503);
  await systemClock.sleep(1000);
  await broker.up();
  const heard = await listen(t, broker.url);
  await waitUntil("an empty outbox", async () => (await statusOf(house)).outbox.pending === 0, 60_000);
  await waitUntil("all events", () => heard.of("lanthorn/events").length >= 200);
  const order = heard.jsonOf<{ type: string; after: { id: string } }>("lanthorn/events");
  assert.deepEqual(
    order.map(({ type, after }) => `${after.id} ${type}`),
    ids.flatMap((id) => [`${id} new`, `${id} end`]),
  );
  assert.equal(heard.of("lanthorn/porch/event").length, 0);
});

test("events of an outage outlive the service, too", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  await broker.down();
  await using first = await house.startAutomation(`mqtt.url=${broker.url}`);
  house.writeEvent("new", detectionEvent("e1", "porch"));
  await waitUntil("the outbox", async () => (await statusOf(house)).outbox.pending === 2);
  await first.kill9();
  await broker.up();
  const heard = await listen(t, broker.url);
  await using _second = await house.startAutomation(`mqtt.url=${broker.url}`);
  await waitUntil("the event", () => heard.of("lanthorn/events").length === 1);
});

test("a refused password is said in words that name the fix, is nowhere written down, and nothing else stops", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t, { username: "lanthorn", password: "right-password" });
  house.home.writeCredential("mqtt-password", "wrong-secret\n");
  const settings = [`mqtt.url=${broker.url}`, "mqtt.username=lanthorn"];
  await using service = await house.startAutomation(...settings);
  const lastError = await waitUntil("the refusal", async () => (await statusOf(house)).broker.lastError ?? undefined);
  assert.match(lastError, /refused the login of user lanthorn .*mqtt\.username.*credential mqtt-password/);
  house.writeEvent("new", detectionEvent("e1", "porch"));
  await waitUntil("the event in the outbox", async () => (await statusOf(house)).outbox.pending === 2);
  const everything = service.log() + JSON.stringify(await statusOf(house));
  assert.ok(!everything.includes("wrong-secret"));
  await service.stop();

  house.home.writeCredential("mqtt-password", "right-password\n");
  const heard = await listen(t, broker.url, { username: "lanthorn", password: "right-password" });
  await using _again = await house.startAutomation(...settings);
  await waitUntil("the event", () => heard.of("lanthorn/events").length === 1);
});

test("a password in mqtt.url is refused without being repeated", async (t) => {
  const house = await openHouse(t);
  const service = await startRefused(house, "mqtt.url=mqtt://me:hunter2@127.0.0.1:1883");
  assert.equal((await service.ended).code, 64);
  assert.match(service.log(), /mqtt\.url: expected no user or password/);
  assert.ok(!service.log().includes("hunter2"));
});

test("Home Assistant's birth brings everything again within ten seconds", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`);
  await heard.hears("lanthorn/porch/availability", (text) => text === "online");
  await systemClock.sleep(2500); // past the check for own retained messages
  heard.messages.length = 0;
  await heard.client.publishAsync("homeassistant/status", "online");
  await heard.hears("homeassistant/device/lanthorn_porch/config", undefined, 15_000);
  await heard.hears("lanthorn/porch/motion");
  await heard.hears("lanthorn/bridge/state", (text) => text === "online");
});

test("a device deleted in Home Assistant stays deleted until it is asked for", async (t) => {
  const house = await openHouse(t, "porch");
  const broker = await startBroker(t);
  const heard = await listen(t, broker.url);
  await using service = await house.startAutomation(`mqtt.url=${broker.url}`);
  const topic = "homeassistant/device/lanthorn_porch/config";
  await heard.hears(topic);
  await heard.client.publishAsync(topic, "", { retain: true, qos: 1 });
  await service.logged(/removed in Home Assistant/);
  house.renameCamera("porch", "New name");
  await heard.hears("lanthorn/bridge/info", (text) => text.includes("New name"));
  assert.ok(!(await retainedAt(broker.url)).has(topic));

  await heard.client.publishAsync("lanthorn/bridge/request/announce", '{"transaction":"t-1"}', { qos: 1 });
  await heard.hears(topic, (text) => text.includes("New name"));
  const [response] = heard.jsonOf("lanthorn/bridge/response/announce");
  assert.deepEqual(response, { status: "ok", data: {}, transaction: "t-1" });
  await heard.client.publishAsync("lanthorn/bridge/request/dance", "{}", { qos: 1 });
  const refusal = await heard.hears("lanthorn/bridge/response/dance");
  assert.match(JSON.parse(refusal.text).error, /knows: announce/);
});

test("the built-in broker does for those who have none: discovery, states and events, by MQTT 3.1.1", async (t) => {
  const house = await openHouse(t, "porch");
  const port = await freePort();
  await using service = await house.startAutomation(`mqtt.port=${port}`, "motion.holdOffMs=100");
  await connected(house);
  const url = `mqtt://127.0.0.1:${port}`;
  const heard = await listen(t, url);
  DiscoveryPayload.parse(JSON.parse((await heard.hears("homeassistant/device/lanthorn_porch/config")).text));
  house.writeEvent("new", detectionEvent("e1", "porch"));
  await heard.hears("lanthorn/porch/motion", (text) => text === "ON");
  const event = () => [heard.of("lanthorn/events"), heard.of("lanthorn/porch/event")].map(({ length }) => length);
  await waitUntil("the event", () => event().every((length) => length > 0));
  assert.deepEqual(event(), [1, 1]);
  assert.ok(!(await retainedAt(url)).has("lanthorn/porch/event"));
  const status = await statusOf(house);
  assert.deepEqual(status.broker, { url, embedded: true, connected: true, lastError: null });
  assert.ok(status.messagesPublished > 5);
  house.removeCamera("porch");
  await waitUntil("nothing retained of porch", async () =>
    [...(await retainedAt(url)).keys()].every((topic) => !topic.includes("porch")),
  );
  const metrics = await requestSocket(house.home.runDir, "automation", { path: "/metrics" });
  assert.match(metrics.body.toString(), /lanthorn_mqtt_connected\{service="automation"\} 1/);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});

test("a built-in broker with an account lets nobody else in", async (t) => {
  const house = await openHouse(t, "porch");
  const port = await freePort();
  house.home.writeCredential("mqtt-password", "right-password");
  await using _service = await house.startAutomation(`mqtt.port=${port}`, "mqtt.username=house");
  await connected(house);
  const url = `mqtt://127.0.0.1:${port}`;
  await assert.rejects(retainedAt(url), { code: 4 });
  const heard = await listen(t, url, { username: "house", password: "right-password" });
  await heard.hears("lanthorn/bridge/state");
});

test("a taken port ends the start with what to do: use that broker, or another port", async (t) => {
  const house = await openHouse(t, "porch");
  const taker = createServer();
  await new Promise<void>((resolve) => taker.listen(0, "127.0.0.1", resolve));
  t.after(() => taker.close());
  const { port } = taker.address() as { port: number };
  const service = await startRefused(house, `mqtt.port=${port}`);
  assert.equal((await service.ended).code, 73);
  assert.match(
    service.log(),
    new RegExp(`port ${port}: .*mqtt\\.url = .*mqtt://127\\.0\\.0\\.1:${port}.*another mqtt\\.port`),
  );
});

test("an address that is not of this machine ends the start, too", async (t) => {
  const house = await openHouse(t);
  const service = await startRefused(house, "mqtt.host=127.0.0.1.example.invalid", "mqtt.username=u");
  assert.equal((await service.ended).code, 78);
  assert.match(service.log(), /cannot listen|open to everyone/);
});

test("the built-in broker does not open itself to the LAN without an account", async (t) => {
  const house = await openHouse(t);
  const service = await startRefused(house, `mqtt.port=${await freePort()}`, "mqtt.host=0.0.0.0");
  assert.equal((await service.ended).code, 78);
  assert.match(service.log(), /open to everyone on 0\.0\.0\.0.*mqtt\.username/);
});

test("port 0 takes a free one, and the status says which", async (t) => {
  const house = await openHouse(t);
  await using _service = await house.startAutomation("mqtt.port=0");
  await connected(house);
  const { url } = (await statusOf(house)).broker;
  assert.match(url, /^mqtt:\/\/127\.0\.0\.1:[1-9]\d+$/);
  const heard = await listen(t, url);
  await heard.hears("lanthorn/bridge/state");
});

test("a certificate authority that cannot be read is named", async (t) => {
  const house = await openHouse(t);
  const service = await startRefused(house, "mqtt.url=mqtts://127.0.0.1:8883", "mqtt.caFile=/nonexistent/ca.pem");
  assert.equal((await service.ended).code, 78);
  assert.match(service.log(), /mqtt\.caFile \/nonexistent\/ca\.pem/);
});

test("the watchdog is fed with and without a broker", async (t) => {
  const house = await openHouse(t, "porch");
  await using service = await startService("automation", house.home, {
    arguments: ["--set", `mqtt.url=mqtt://127.0.0.1:${await freePort()}`],
    watchdogMs: 3000,
  });
  const fed = () => service.notifications().filter((message) => message === "WATCHDOG=1").length;
  await waitUntil("three signs of life", () => fed() >= 3);
});
