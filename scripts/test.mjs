/**
 * `npm test`: checks, C++ tests, then every *.test.ts; `npm run test:slow`: every *.slow.test.ts.
 * Arguments after `--` are test files to run alone.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { check } from "./check.mjs";
import { pinnedNode, root, runMain, SetupError, setUp, toolEnvironment } from "./setup.mjs";

/** Longest one test may take, milliseconds: a watchdog against hanging, not a measure of speed. */
const TEST_TIMEOUT_MS = 300_000;
const SLOW_TEST_TIMEOUT_MS = 3_600_000;

/** Files at a time. Most tests wait for real time to pass: cameras send at their own rate. */
const CONCURRENCY = Math.round(2.5 * Math.min(4, availableParallelism()));

/** Measure what the whole system loses or finds in real time: one at a time, when all others are through. */
const APART = ["test/main-job/crash.test.ts", "test/main-job/main-job.test.ts"];
/** Compute, and wait for nothing: they get the processor time that APART leaves, and take none from it (SCHED_IDLE). */
const IDLE = ["native/rings/test/model.test.ts", "native/rings/test/sanitizers.test.ts"];
/** The longest of the others, longest first, so that none is left to run by itself at the end: `npm test` names the slowest. */
const FIRST = [
  "services/archive/test/retention.test.ts",
  "services/archive/test/recovery.test.ts",
  "services/archive/test/service.test.ts",
  "services/automation/test/automation.test.ts",
  "services/inference/test/service.test.ts",
  "services/web/ui/test/page.test.ts",
  "services/ingest/test/service.test.ts",
];

const SLOWEST_SHOWN = 8;

/** How long each file took, as run-tests.mjs tells. */
const durations = [];

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
  if (slow || named.length > 0) {
    return await runTests(named.length > 0 ? named : testFiles(slow), 1);
  }
  const files = testFiles(slow);
  const placed = [...FIRST, ...APART, ...IDLE];
  const others = files.filter((file) => !placed.includes(file));
  const missing = placed.filter((file) => !files.includes(file));
  if (missing.length > 0) {
    throw new SetupError(`scripts/test.mjs names test files that are not there: ${missing.join(", ")}`);
  }
  const most = runTests([...FIRST, ...others], CONCURRENCY);
  const failures = { checks: check(), "C++ tests": ctest() }; // beside the tests
  failures.tests = await most;
  const idle = runTests(IDLE, 1, ["chrt", "--idle", "0"]);
  failures["tests of the whole system"] = await runTests(APART, 1);
  failures["tests that only compute"] = await idle;
  const slowest = durations.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN);
  const lines = slowest.map(({ file, durationMs }) => `${(durationMs / 1000).toFixed(1).padStart(6)} s  ${file}\n`);
  process.stderr.write(`Slowest files:\n${lines.join("")}`);
  const failed = Object.keys(failures).filter((part) => failures[part] > 0);
  process.stderr.write(failed.length === 0 ? "All passed\n" : `Failed, see above: ${failed.join(", ")}\n`);
  return failed.length === 0 ? 0 : 1;
});

/** Runs the C++ tests; shows what they said when they are through. Returns how many runs failed: 0 or 1. */
function ctest() {
  const run = spawnSync("ctest", ["--test-dir", "native/build", "--output-on-failure", "--no-tests=error"], {
    cwd: root,
    encoding: "utf8",
  });
  process.stderr.write(`${run.stdout ?? ""}${run.stderr ?? ""}`);
  return run.status === 0 ? 0 : 1;
}

/** Runs test files, so many at a time, by a command that sets how they are scheduled; resolves to 0 when all pass, else 1. */
async function runTests(files, concurrency, schedule = []) {
  const timeoutMs = files.some((file) => file.endsWith(".slow.test.ts")) ? SLOW_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS;
  const run = JSON.stringify({ files, concurrency, timeoutMs });
  const [command, ...args] = [...schedule, pinnedNode, "scripts/run-tests.mjs", run];
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    // Services are started some two hundred times: half of each start is reading TypeScript that has not changed.
    env: { ...toolEnvironment(), NODE_COMPILE_CACHE: join(root, "node_modules/.cache/lanthorn-compiled") },
  });
  child.on("message", (message) => durations.push(message));
  const [code] = await once(child, "close");
  return code === 0 ? 0 : 1;
}
