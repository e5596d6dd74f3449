import assert from "node:assert/strict";
import { test } from "node:test";
import { projectFiles, readProjectFile } from "./source-tree.ts";

/** How far above an access its SYNC comment may begin. */
const LINES_ABOVE = 8;
const ATOMIC_FILES = /^native\/rings\/(core\/.*\.[ch]pp|readers\/c\/lanthorn_rings\.h)$/;
const ORDER = /\bmemory_order_\w+|\batomic_thread_fence\b|\b__atomic_\w+_?n?\b|\b__ATOMIC_/;

/** Lines of code that match, with the text from LINES_ABOVE lines before to their end. */
function places(pattern: RegExp): { place: string; context: string; statement: string }[] {
  return projectFiles(ATOMIC_FILES).flatMap((file) => {
    const lines = readProjectFile(file).split("\n");
    return lines.flatMap((line, i) => {
      const code = line.replace(/\/\/.*|\/\*.*?\*\//g, "").replace(/^\s*\*.*/, "");
      return pattern.test(code) && !code.startsWith("#include")
        ? [
            {
              place: `${file}:${i + 1}`,
              context: lines.slice(Math.max(0, i - LINES_ABOVE), i + 1).join("\n"),
              statement: lines.slice(i, i + 3).join(" "),
            },
          ]
        : [];
    });
  });
}

test("each memory order and fence of the rings says beside it what it pairs with, or why with nothing", () => {
  const all = places(ORDER);
  assert.ok(all.length > 80, `found only ${all.length} accesses`);
  const comment = /SYNC:[\s\S]{0,300}?(pairs with|none|nobody|as (in|above|before)|after|caller|below)/;
  assert.deepEqual(
    all.filter(({ context }) => !comment.test(context)).map(({ place }) => place),
    [],
  );
});

test("no atomic of the rings is used with the order that C++ takes when none is said", () => {
  const all = places(/(\.|->)(load|store|fetch_\w+|exchange|compare_exchange_\w+)\(/);
  assert.ok(all.length > 50, `found only ${all.length} accesses`);
  assert.deepEqual(
    all.filter(({ statement }) => !statement.includes("memory_order_")).map(({ place }) => place),
    [],
  );
});
