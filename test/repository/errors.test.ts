import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { ErrorDefinition } from "@lanthorn/base";
import { projectFiles, ROOT, readProjectFile } from "./source-tree.ts";

async function declaredCodes(): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  for (const file of projectFiles(/(^|\/)error-codes\.ts$/)) {
    const exports = (await import(join(ROOT, file))) as Record<
      string,
      { definitions?: Record<string, ErrorDefinition> }
    >;
    const registries = Object.values(exports).filter((value) => value?.definitions !== undefined);
    assert.ok(registries.length > 0, `${file} declares no registry`);
    for (const { definitions = {} } of registries) {
      for (const [code, [kind]] of Object.entries(definitions)) {
        codes.set(code, kind);
      }
    }
  }
  return codes;
}

/** Rows of docs/ref/errors.md: `| CODE | kind | message | what to do |`. */
function documentedCodes(): Map<string, string> {
  const rows = readProjectFile("docs/ref/errors.md").matchAll(/^\| *`?([A-Z][A-Z0-9_]+)`? *\| *([a-z-]+) *\|/gm);
  return new Map([...rows].map(([, code = "", kind = ""]) => [code, kind]));
}

test("every error code is documented with its kind, and every documented code exists", async () => {
  const byCode = ([a]: [string, string], [b]: [string, string]) => a.localeCompare(b);
  const declared = [...(await declaredCodes())].toSorted(byCode);
  assert.deepEqual([...documentedCodes()].toSorted(byCode), declared);
});
