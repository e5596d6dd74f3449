import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSync } from "oxc-parser";
import { projectFiles, readProjectFile } from "./source-tree.ts";

interface Comment {
  readonly type: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Lines of exports that no docblock stands right before; re-exports (`export … from`) need none. */
function undocumentedExports(file: string, source: string): string[] {
  const { program, comments, errors } = parseSync(file, source);
  assert.deepEqual(errors, [], `${file} does not parse`);
  const docblocks = (comments as Comment[]).filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  return program.body
    .filter((node) => node.type === "ExportNamedDeclaration" && node.declaration !== null)
    .filter((node) => !docblocks.some(({ end }) => end <= node.start && source.slice(end, node.start).trim() === ""))
    .map((node) => `${file}:${source.slice(0, node.start).split("\n").length}`);
}

test("the checker sees an export without a docblock", () => {
  assert.deepEqual(undocumentedExports("a.ts", "/** Says. */\nexport const a = 1;\nexport function b() {}\n"), [
    "a.ts:3",
  ]);
});

test("every export of every package has a docblock", () => {
  const files = projectFiles(/^(native|services|provisioning)\/(?!.*\/(test|eval)\/).*\.tsx?$/).filter(
    (file) => !file.endsWith(".test.ts") && !file.endsWith(".d.ts"),
  );
  assert.deepEqual(
    files.flatMap((file) => undocumentedExports(file, readProjectFile(file))),
    [],
  );
});
