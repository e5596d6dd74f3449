import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTemporaryHome, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";
import { systemClock } from "../src/index.ts";

const mainFile = fileURLToPath(new URL("fixture-service.ts", import.meta.url));
const WATCHDOG_MS = 300;

let homes: TemporaryHome[];
before(() => {
  homes = [];
});
after(() => {
  for (const home of homes) {
    home.remove();
  }
});

function newHome(): TemporaryHome {
  const home = makeTemporaryHome();
  homes.push(home);
  return home;
}

type Options = Parameters<typeof startService>[2];

async function start(home: TemporaryHome, settings: string[] = [], options: Options = {}) {
  const args = settings.flatMap((setting) => ["--set", setting]);
  return await startService("fixture", home, { mainFile, arguments: args, ...options });
}

const diaryOf = (home: TemporaryHome) =>
  readFileSync(join(home.stateDir("fixture"), "diary.txt"), "utf8")
    .trimEnd()
    .split("\n");
const watchdogs = (service: { notifications(): readonly string[] }) =>
  service.notifications().filter((message) => message === "WATCHDOG=1").length;

test("READY=1 goes out after the last module started; SIGTERM gives STOPPING=1, the modules stop in reverse, exit 0", async () => {
  const home = newHome();
  const service = await start(home);
  assert.deepEqual(service.notifications(), ["READY=1"]);
  assert.deepEqual(diaryOf(home), ["start first", "start work", "start last"]);
  const ending = await service.stop();
  assert.deepEqual(ending, { code: 0, signal: null });
  assert.deepEqual(service.notifications(), ["READY=1", "STOPPING=1"]);
  assert.deepEqual(diaryOf(home).slice(3), ["stop last", "stop work", "stop first"]);
});

test("WATCHDOG=1 keeps coming while the work moves", async () => {
  await using service = await start(newHome(), [], { watchdogMs: WATCHDOG_MS });
  await waitUntil("four signs of life", () => watchdogs(service) >= 4);
});

test("WATCHDOG=1 stops when the work stands still, although the process lives and answers signals", async () => {
  await using service = await start(newHome(), ["work.stallAfter=20"], { watchdogMs: WATCHDOG_MS });
  await waitUntil("a first sign of life", () => watchdogs(service) >= 1);
  let before = -1;
  await waitUntil("no sign of life for two whole periods", async () => {
    before = watchdogs(service);
    await systemClock.sleep(2 * WATCHDOG_MS);
    return watchdogs(service) === before;
  });
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.equal(watchdogs(service), before);
});

test("work that is rightly idle is not taken for stuck", async () => {
  await using service = await start(newHome(), ["work.stallAfter=1", "work.idle=true"], { watchdogMs: WATCHDOG_MS });
  await waitUntil("four signs of life", () => watchdogs(service) >= 4);
});

test("no WATCHDOG=1 is sent when the service manager wants none", async () => {
  await using service = await start(newHome());
  await systemClock.sleep(3 * WATCHDOG_MS);
  await service.stop();
  assert.equal(watchdogs(service), 0);
});

test("nothing is sent, and nothing is wrong, when NOTIFY_SOCKET is unset", async () => {
  const home = newHome();
  await using service = await start(home, [], { waitForReady: false, environment: { NOTIFY_SOCKET: "" } });
  await service.logged(/"msg":"ready"/);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(service.notifications(), []);
  assert.doesNotMatch(service.log(), /cannot tell/);
});

test("a notify socket that is gone is logged and changes nothing else", async () => {
  const environment = { NOTIFY_SOCKET: "/nonexistent/notify.sock" };
  await using service = await start(newHome(), [], { waitForReady: false, environment });
  await service.logged(/cannot tell the service manager/);
  await service.logged(/"msg":"ready"/);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});

test("a module that cannot start ends the process: no READY=1, what was started is stopped, the exit code tells", async () => {
  const home = newHome();
  const service = await start(home, ["work.start=fail"], { waitForReady: false });
  assert.deepEqual(await service.ended, { code: 70, signal: null });
  assert.deepEqual(service.notifications(), ["STOPPING=1"]);
  assert.deepEqual(diaryOf(home), ["start first", "start work", "stop work", "stop first"]);
  assert.match(service.log(), /"level":"fatal".*cannot start/);
});

test("SIGTERM ends a start that hangs", async () => {
  const home = newHome();
  const service = await start(home, ["work.start=hang"], { waitForReady: false });
  await waitUntil("the hanging start", () => {
    try {
      return diaryOf(home).includes("start work");
    } catch {
      return false; // not written yet
    }
  });
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(service.notifications(), ["STOPPING=1"]);
});

test("a fault while working stops everything in order and exits with its kind's code", async () => {
  const home = newHome();
  const service = await start(home, ["work.failAfter=3"]);
  assert.deepEqual(await service.ended, { code: 70, signal: null });
  assert.deepEqual(diaryOf(home).slice(3), ["stop last", "stop work", "stop first"]);
  assert.match(service.log(), /broke while working/);
});

test("a module that fails to stop is logged and does not keep the others from stopping", async () => {
  const home = newHome();
  const service = await start(home, ["work.stop=fail"]);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(diaryOf(home).slice(3), ["stop last", "stop work", "stop first"]);
  assert.match(service.log(), /failed to stop/);
});

test("a wrong configuration ends the process with EX_USAGE before any module is made, naming every key", async () => {
  const service = await start(newHome(), ["work.colour=red", "work.idle=perhaps"], { waitForReady: false });
  assert.deepEqual(await service.ended, { code: 64, signal: null });
  assert.match(service.log(), /colour/);
  assert.match(service.log(), /work\.idle/);
});
