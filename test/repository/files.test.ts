import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { projectFiles, ROOT, readProjectFile } from "./source-tree.ts";

const SOURCES = /\.(ts|tsx|mjs|cpp|hpp|h|py|css|sql)$/;
const MAX_LINES = 500;
/** One file by contract: whoever reads a ring copies this and nothing else (docs/design/lanthorn.md, section 5.1). */
const ONE_FILE_BY_CONTRACT = [
  "native/rings/readers/python/lanthorn_rings.py",
  "native/rings/readers/c/lanthorn_rings.h",
];
const MAX_REPOSITORY_MB = 30;
const FORBIDDEN_NAMES = /^(utils?|helpers?|misc|common|types)\.[a-z]+$/;

test("no source file is longer than 500 lines", () => {
  const lines = (file: string) => readProjectFile(file).split("\n").length - 1;
  assert.deepEqual(
    projectFiles(SOURCES).filter((file) => lines(file) > MAX_LINES && !ONE_FILE_BY_CONTRACT.includes(file)),
    [],
  );
});

test("no file is named for nothing in particular", () => {
  assert.deepEqual(
    projectFiles(SOURCES).filter((file) => FORBIDDEN_NAMES.test(basename(file))),
    [],
  );
});

test("all tracked files together stay under 30 MB", () => {
  const bytes = projectFiles(/./).reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0);
  assert.ok(bytes < MAX_REPOSITORY_MB * 1e6, `${bytes} bytes`);
});

test("every service is a leaf: nothing can be imported from it", () => {
  const manifests = projectFiles(/^services\/(?!lib\/)[a-z-]+\/package\.json$/);
  const open = manifests.filter((file) => {
    const { exports } = JSON.parse(readProjectFile(file)) as { exports?: object };
    return exports === undefined || Object.keys(exports).length > 0;
  });
  assert.deepEqual(open, []);
});

test("time and timers come through Clock", () => {
  const files = projectFiles(/^(native|services|provisioning)\/.*\.ts$/).filter(
    (file) => !/\/(test|ui|eval)\//.test(file) && file !== "services/lib/base/src/clock.ts",
  );
  const offenders = files.filter((file) =>
    /\bDate\.now\(|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/.test(readProjectFile(file)),
  );
  assert.deepEqual(offenders, []);
});

test("the environment is read in configuration only", () => {
  const allowed = new Set(["services/lib/base/src/config.ts", "provisioning/run/system.ts"]);
  const files = projectFiles(/^(native|services|provisioning)\/.*\.ts$/).filter(
    (file) => !/\/(test|ui|eval|bench)\//.test(file) && !file.startsWith("services/lib/testing/") && !allowed.has(file),
  );
  assert.deepEqual(
    files.filter((file) => readProjectFile(file).includes("process.env")),
    [],
  );
});
