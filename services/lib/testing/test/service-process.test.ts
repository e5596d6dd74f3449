import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson } from "@lanthorn/base";
import { makeTemporaryHome, startService } from "../src/index.ts";

test("a service is started as a process, is ready, answers on its socket, and stops with code 0", async () => {
  using home = makeTemporaryHome();
  await using service = await startService("cameras", home);
  const health = await requestJson<{ healthy: boolean }>(home.runDir, "cameras", { path: "/health" });
  assert.equal(health.healthy, true);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(service.notifications(), ["READY=1", "STOPPING=1"]);
});

test("kill9 ends a service by SIGKILL, and it says nothing more", async () => {
  using home = makeTemporaryHome();
  await using service = await startService("cameras", home);
  assert.deepEqual(await service.kill9(), { code: null, signal: "SIGKILL" });
  assert.deepEqual(service.notifications(), ["READY=1"]);
});

test("a service that ends before it is ready throws SERVICE_ENDED_EARLY with what it said", async () => {
  using home = makeTemporaryHome();
  home.writeConfig("cameras", "nonsense = 1\n");
  await assert.rejects(startService("cameras", home), { code: "SERVICE_ENDED_EARLY", message: /code 64.*nonsense/s });
});

test("a process that never becomes ready is killed and throws SERVICE_NOT_READY", async () => {
  using home = makeTemporaryHome();
  const mainFile = join(home.root, "silent.ts");
  writeFileSync(mainFile, "console.error('alive'); setInterval(() => {}, 1000);");
  await assert.rejects(startService("silent", home, { mainFile, readyTimeoutMs: 1500 }), {
    code: "SERVICE_NOT_READY",
    message: /alive/,
  });
});
