import assert from "node:assert/strict";
import { test } from "node:test";
import { automationConfig } from "../src/config.ts";

const faultsOf = (mqtt: object) =>
  automationConfig.safeParse({ mqtt }).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

test("nothing needs to be set: the built-in broker on loopback", () => {
  const config = automationConfig.parse({});
  assert.deepEqual([config.mqtt.url, config.mqtt.host, config.mqtt.port], ["", "127.0.0.1", 1883]);
});

test("an address is a broker's, without user and password, and a wrong one is never repeated", () => {
  assert.deepEqual(faultsOf({ url: "mqtt://broker.local:1883" }), []);
  assert.deepEqual(faultsOf({ url: "mqtts://[fd00::1]:8883" }), []);
  for (const url of ["broker.local", "http://broker.local", "mqtt://"]) {
    assert.match(faultsOf({ url })[0] ?? "", /mqtt\.url: expected mqtt:\/\/host:port/, url);
  }
  const [fault] = faultsOf({ url: "mqtt://me:hunter2@broker.local" });
  assert.match(fault ?? "", /mqtt\.username.*mqtt-password/);
  assert.doesNotMatch(fault ?? "", /hunter2/);
});

test("base and discovery prefix are single levels and differ", () => {
  assert.match(faultsOf({ base: "a/b" })[0] ?? "", /one MQTT level/);
  assert.match(faultsOf({ base: "homeassistant" })[0] ?? "", /another word/);
});

test("unknown keys are faults", () => {
  assert.equal(automationConfig.safeParse({ mqtt: { password: "x" } }).success, false);
});
