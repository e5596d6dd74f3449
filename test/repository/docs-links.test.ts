import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { projectFiles, ROOT, readProjectFile } from "./source-tree.ts";

/** GitHub's anchor of a heading: lower case, punctuation dropped, spaces to hyphens. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

function anchorsOf(file: string): Set<string> {
  const headings = readProjectFile(file).matchAll(/^#{1,6}\s+(.+)$/gm);
  return new Set([...headings].map(([, heading = ""]) => anchorOf(heading.replace(/[`*]/g, ""))));
}

function brokenLinks(file: string): string[] {
  const text = readProjectFile(file)
    .replace(/```[\s\S]*?```/g, "")
    .replace(/`[^`\n]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links
    .filter((target) => !/^(https?:|mailto:)/.test(target))
    .filter((target) => {
      const [path = "", anchor] = target.split("#");
      const resolved = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, resolved))) {
        return true;
      }
      return anchor !== undefined && resolved.endsWith(".md") && !anchorsOf(resolved).has(anchor);
    })
    .map((target) => `${file}: ${target}`);
}

test("every link between documents leads somewhere", () => {
  assert.deepEqual(projectFiles(/\.md$/).flatMap(brokenLinks), []);
});

/** Places in source comments and messages that name a document: docs/….md#anchor. */
test("every document that the source names exists", () => {
  const files = projectFiles(/\.(ts|tsx|mjs|cpp|hpp|h|py|sql|service|json)$/).filter(
    (file) => !file.startsWith("test/repository/"),
  );
  const missing = files.flatMap((file) =>
    [...readProjectFile(file).matchAll(/\bdocs\/[a-z]+\/[a-z0-9-]+\.md/g)]
      .map(([path]) => path)
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${file}: ${path}`),
  );
  assert.deepEqual(missing, []);
});
