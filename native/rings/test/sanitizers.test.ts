/**
 * The C++ tests of the rings once more under ThreadSanitizer and under Address- and UndefinedBehaviorSanitizer, each in a build
 * folder of its own that is kept for the next time. Races run for fewer rounds there (race_test.cpp).
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const NATIVE = fileURLToPath(new URL("../../", import.meta.url));
const TARGET = "lanthorn_rings_test";
/** Built more often than run: not optimised. Names in reports need no more than -g1. */
const FLAGS = "-O0 -g1";

const SANITIZERS = [
  { name: "tsan", says: "thread", reports: /WARNING: ThreadSanitizer/ },
  { name: "asan", says: "address;undefined", reports: /ERROR: AddressSanitizer|runtime error:|ERROR: LeakSanitizer/ },
] as const;

const run = promisify(execFile);

// Side by side: one builds while the other waits for its children.
suite("sanitizers", { concurrency: true }, () => {
  for (const { name, says, reports } of SANITIZERS) {
    test(`the C++ tests find nothing under ${says}`, { timeout: 280_000 }, async (t) => {
      const folder = `${NATIVE}build/${name}`;
      const options = [`-DLANTHORN_SANITIZE=${says}`, "-DCMAKE_BUILD_TYPE=None", `-DCMAKE_CXX_FLAGS=${FLAGS}`];
      await run("cmake", ["-S", NATIVE, "-B", folder, "-G", "Ninja", "-DLANTHORN_TESTS=ON", ...options]);
      await run("cmake", ["--build", folder, "--target", TARGET], { maxBuffer: 1 << 26 });
      const env = {
        ...process.env,
        TSAN_OPTIONS: "halt_on_error=0:exitcode=66",
        UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=0",
        // Forked children of the tests are killed; they do not report leaks. The parent does.
        ASAN_OPTIONS: "detect_leaks=1",
      };
      const { stdout, stderr } = await run(`${folder}/rings/${TARGET}`, [], { env, maxBuffer: 1 << 26 });
      assert.doesNotMatch(stderr + stdout, reports);
      const cases = /test cases: +(\d+)/.exec(stdout)?.[1];
      assert.ok(Number(cases) > 20, `only ${cases} test cases ran:\n${stdout}${stderr}`);
      t.diagnostic(`${cases} test cases`);
    });
  }
});
