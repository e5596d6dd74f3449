import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig, pathsFromEnvironment } from "@lanthorn/base";
import { z } from "zod";
import { makeTemporaryHome } from "../src/index.ts";

test("a home's environment is what a service reads its paths from", () => {
  using home = makeTemporaryHome();
  const paths = pathsFromEnvironment(home.environment("archive"));
  assert.deepEqual(paths, home.paths("archive"));
  assert.ok(statSync(paths.stateDir).isDirectory());
});

test("a home has a device key of 32 bytes that only its owner may read", () => {
  using home = makeTemporaryHome();
  const file = join(home.credentialsDir, "device-key");
  assert.deepEqual(readFileSync(file), home.deviceKey);
  assert.equal(home.deviceKey.length, 32);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a configuration written into a home is read from it", () => {
  using home = makeTemporaryHome();
  home.writeConfig("archive", "[disk]\nlimitGiB = 3\n");
  const schema = z.strictObject({ disk: z.strictObject({ limitGiB: z.number() }) });
  assert.deepEqual(loadConfig("archive", schema, { configDir: home.configDir, argv: [] }), { disk: { limitGiB: 3 } });
});

test("two homes share neither directory nor ring prefix", () => {
  using first = makeTemporaryHome();
  using second = makeTemporaryHome();
  assert.notEqual(first.root, second.root);
  assert.notEqual(first.ringPrefix, second.ringPrefix);
});

test("remove takes the directory and the shared memory of this home alone", () => {
  using other = makeTemporaryHome();
  const home = makeTemporaryHome();
  const names = [home, other].map(({ ringPrefix }) => `${ringPrefix}.porch.frames`);
  for (const name of names) {
    writeFileSync(join("/dev/shm", name), "x");
  }
  assert.deepEqual(home.shmObjects(), [names[0]]);
  home.remove();
  home.remove();
  assert.equal(existsSync(home.root), false);
  assert.deepEqual(home.shmObjects(), []);
  assert.deepEqual(other.shmObjects(), [names[1]]);
});

test("a temporary directory whose sockets would not fit is refused with HOME_PATH_TOO_LONG", () => {
  const before = process.env.TMPDIR;
  using outer = makeTemporaryHome();
  process.env.TMPDIR = outer.stateDir("x".repeat(80));
  try {
    assert.throws(() => makeTemporaryHome(), { code: "HOME_PATH_TOO_LONG" });
  } finally {
    if (before === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = before;
    }
  }
});
