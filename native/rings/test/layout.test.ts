import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addon } from "../src/addon.ts";

/** Tables of docs/ref/rings.md: under a heading `### Object`, rows `| offset | size | field | type | meaning |`. */
function documentedFields(): string[] {
  const page = readFileSync(new URL("../../../docs/ref/rings.md", import.meta.url), "utf8");
  const fields: string[] = [];
  let object = "";
  for (const line of page.split("\n")) {
    object = /^### (\w+)/.exec(line)?.[1] ?? object;
    const size = /^Size: (\d+) bytes/.exec(line)?.[1];
    if (size !== undefined) {
      fields.push(`sizeof.${object} ${size}+${size}`);
    }
    const row = /^\| (\d+) \| (\d+) \| `(\w+)` \|/.exec(line);
    if (row !== null) {
      fields.push(`${object}.${row[3]} ${row[1]}+${row[2]}`);
    }
  }
  return fields.sort();
}

test("docs/ref/rings.md gives every field of the layout with its true offset and size", () => {
  const documented = documentedFields();
  const compiled = addon.layout().map(({ object, field, offsetBytes, sizeBytes }) => {
    return `${object}.${field} ${offsetBytes}+${sizeBytes}`;
  });
  assert.ok(compiled.length > 60 && documented.length > 60);
  assert.deepEqual(documented, compiled.sort());
});
