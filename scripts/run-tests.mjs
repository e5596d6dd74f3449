/**
 * Runs test files in the order given, so many at a time: `node scripts/run-tests.mjs '{"files":[…],"concurrency":4,"timeoutMs":…}'`.
 * scripts/test.mjs starts it under the pinned Node and is told how long each file took.
 */
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const { files, concurrency, timeoutMs } = JSON.parse(process.argv[2]);
const unfinished = new Set(files);
let failed = false;

run({ files: files.map((file) => resolve(file)), concurrency, timeout: timeoutMs })
  .on("test:fail", () => {
    failed = true;
  })
  .on("test:summary", ({ file, duration_ms, success }) => {
    failed ||= !success;
    for (const each of unfinished) {
      if (file === resolve(each)) {
        unfinished.delete(each);
        process.send?.({ file: each, durationMs: duration_ms });
      }
    }
  })
  .on("end", () => {
    // A file that fails as a whole is told of above; one that ran nothing would pass without a word.
    for (const file of unfinished) {
      process.stdout.write(`✖ ${file}: no test ran to its end\n`);
    }
    process.exitCode = failed || unfinished.size > 0 ? 1 : 0;
  })
  .compose(spec)
  .pipe(process.stdout);
process.exitCode = 1; // until the end says otherwise
