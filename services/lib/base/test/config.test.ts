import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { makeTemporaryHome, type TemporaryHome } from "@lanthorn/testing";
import { z } from "zod";
import {
  loadConfig,
  logLevelFromEnvironment,
  notifySocketFromEnvironment,
  pathsFromEnvironment,
  readCredential,
  watchdogMsFromEnvironment,
} from "../src/index.ts";

const schema = z.strictObject({
  srt: z.strictObject({ port: z.number().int().default(9000), host: z.string().default("127.0.0.1") }).prefault({}),
  label: z.string().default("none"),
  enabled: z.boolean().default(true),
});

let home: TemporaryHome;
before(() => {
  home = makeTemporaryHome();
});
after(() => home.remove());
beforeEach(() => home.writeConfig("ingest", ""));

const load = (...argv: string[]) => loadConfig("ingest", schema, { configDir: home.configDir, argv });

test("without file and arguments everything has its default, and the value is frozen in depth", () => {
  const config = loadConfig("archive", schema, { configDir: home.configDir, argv: [] });
  assert.deepEqual(config, { srt: { port: 9000, host: "127.0.0.1" }, label: "none", enabled: true });
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.srt));
});

test("the file goes over the defaults, the arguments over the file", () => {
  home.writeConfig("ingest", 'label = "file"\n[srt]\nport = 9001\nhost = "::1"\n');
  assert.deepEqual(load("--set", "srt.port=9002", "--set", "enabled=false"), {
    srt: { port: 9002, host: "::1" },
    label: "file",
    enabled: false,
  });
});

test("all faults are reported at once, each with its key, and with where to read on", () => {
  home.writeConfig("ingest", 'colour = "red"\n[srt]\nport = "many"\n');
  assert.throws(
    () => load("--set", "enabled=3"),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "CONFIG_INVALID");
      for (const part of ["3 fault", "colour", "srt.port", "enabled", "docs/ref/config.md#ingest"]) {
        assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
      }
      return true;
    },
  );
});

test("an argument for a text may look like a number or a truth value", () => {
  assert.equal(load("--set", "label=007").label, "007");
  assert.equal(load("--set", "label=true").label, "true");
  assert.equal(load("--set", "label=a=b").label, "a=b");
  assert.equal(load("--set", "label=").label, "");
});

test("an unknown option, or one without a value, is OPTION_INVALID and says what is known", () => {
  for (const argv of [["--port", "1"], ["--set"], ["--set", "novalue"], ["--set", "=1"], ["extra"]]) {
    assert.throws(() => load(...argv), { code: "OPTION_INVALID", message: /--set section\.key=value/ }, argv.join(" "));
  }
});

test("an argument cannot reach JavaScript's prototypes", () => {
  assert.throws(() => load("--set", "__proto__.polluted=1"), { code: "OPTION_INVALID" });
  assert.throws(() => load("--set", "constructor.prototype.polluted=1"), { code: "CONFIG_INVALID" });
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("a file that is not TOML, or cannot be read, is CONFIG_UNREADABLE and named", () => {
  home.writeConfig("ingest", "port = = 1\n");
  assert.throws(() => load(), { code: "CONFIG_UNREADABLE", message: /ingest\.toml/ });
  mkdirSync(join(home.configDir, "web.toml"));
  assert.throws(() => loadConfig("web", schema, { configDir: home.configDir, argv: [] }), {
    code: "CONFIG_UNREADABLE",
  });
});

test("paths come from the environment; a missing variable is named", () => {
  const environment = { ...home.environment("ingest") };
  assert.equal(pathsFromEnvironment(environment).runDir, home.runDir);
  assert.equal(pathsFromEnvironment({ ...environment, LANTHORN_RING_PREFIX: undefined }).ringPrefix, "lanthorn");
  assert.throws(() => pathsFromEnvironment({ ...environment, LANTHORN_STATE_DIR: "" }), {
    code: "ENVIRONMENT_MISSING",
    message: /LANTHORN_STATE_DIR/,
  });
});

test("what systemd says in the environment is read as its manual says", () => {
  assert.equal(notifySocketFromEnvironment({}), undefined);
  assert.equal(notifySocketFromEnvironment({ NOTIFY_SOCKET: "" }), undefined);
  assert.equal(notifySocketFromEnvironment({ NOTIFY_SOCKET: "@abstract" }), "@abstract");
  assert.equal(watchdogMsFromEnvironment({}), undefined);
  assert.equal(watchdogMsFromEnvironment({ WATCHDOG_USEC: "0" }), undefined);
  assert.equal(watchdogMsFromEnvironment({ WATCHDOG_USEC: "nonsense" }), undefined);
  assert.equal(watchdogMsFromEnvironment({ WATCHDOG_USEC: "10000000" }), 10_000);
  assert.equal(logLevelFromEnvironment({}), "info");
});

test("a watchdog that is meant for another process is not ours", () => {
  assert.equal(watchdogMsFromEnvironment({ WATCHDOG_USEC: "10000000", WATCHDOG_PID: "41" }, 42), undefined);
  assert.equal(watchdogMsFromEnvironment({ WATCHDOG_USEC: "10000000", WATCHDOG_PID: "42" }, 42), 10_000);
});

test("a credential is given byte by byte; a missing one is named with its directory", () => {
  home.writeCredential("key", Buffer.from([0, 10, 255, 10]));
  assert.deepEqual([...readCredential(home.paths("ingest"), "key")], [0, 10, 255, 10]);
  assert.throws(() => readCredential(home.paths("ingest"), "absent"), {
    code: "CREDENTIAL_MISSING",
    message: new RegExp(`absent.*${home.credentialsDir}`),
  });
});
