/**
 * `npm test`: checks, C++ tests, then every *.test.ts; `npm run test:slow`: every *.slow.test.ts.
 * Arguments after `--` are test files to run alone.
 */
import { spawnSync } from "node:child_process";
import { check } from "./check.mjs";
import { pinnedNode, root, runMain, SetupError, setUp, toolEnvironment } from "./setup.mjs";

/** Longest one test file may take, milliseconds: a watchdog against hanging, not a measure of speed. */
const FILE_TIMEOUT_MS = 300_000;
const SLOW_FILE_TIMEOUT_MS = 3_600_000;

/** Tests of the running whole. */
const MAIN_JOB = "test/main-job/";

function testFiles(slow) {
  const list = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.test.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = list.stdout.split("\n").filter((file) => file !== "" && file.endsWith(".slow.test.ts") === slow);
  if (files.length === 0) {
    throw new SetupError("Found no test files");
  }
  return files;
}

await runMain(async () => {
  const argv = process.argv.slice(2);
  const slow = argv.includes("--slow");
  const named = argv.filter((argument) => !argument.startsWith("--"));
  await setUp({ groups: ["build", "run", "test"] });
  let failed = 0;
  if (!slow && named.length === 0) {
    failed += check();
    const ctest = spawnSync("ctest", ["--test-dir", "native/build", "--output-on-failure", "--no-tests=error"], {
      cwd: root,
      stdio: "inherit",
    });
    failed += ctest.status === 0 ? 0 : 1;
  }
  const files = named.length > 0 ? named : testFiles(slow);
  // What runs the whole system in real time gets the machine to itself.
  failed += runTests(
    files.filter((file) => !file.startsWith(MAIN_JOB)),
    slow ? 1 : 2,
  );
  failed += runTests(
    files.filter((file) => file.startsWith(MAIN_JOB)),
    1,
  );
  return failed === 0 ? 0 : 1;
});

/** Runs test files, so many at a time; returns 0 when all pass or there are none, else 1. */
function runTests(files, concurrency) {
  if (files.length === 0) {
    return 0;
  }
  const timeoutMs = files.some((file) => file.endsWith(".slow.test.ts")) ? SLOW_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS;
  const command = [
    "--test",
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeoutMs}`,
    "--test-reporter=spec",
  ];
  const tests = spawnSync(pinnedNode, [...command, ...files], { cwd: root, stdio: "inherit", env: toolEnvironment() });
  return tests.status === 0 ? 0 : 1;
}
