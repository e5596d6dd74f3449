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
  const tests = spawnSync(
    pinnedNode,
    [
      "--test",
      "--test-concurrency=2",
      `--test-timeout=${slow ? SLOW_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS}`,
      "--test-reporter=spec",
      ...files,
    ],
    { cwd: root, stdio: "inherit", env: toolEnvironment() },
  );
  return failed === 0 && tests.status === 0 ? 0 : 1;
});
