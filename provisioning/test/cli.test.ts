import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PROJECT_ROOT } from "../project-root.ts";

let home: string;
before(() => {
  home = mkdtempSync(join(tmpdir(), "lanthorn-cli-"));
});
after(() => {
  rmSync(home, { recursive: true });
});

function lanthorn(...words: string[]): { code: number | null; text: string } {
  const run = spawnSync(process.execPath, [join(PROJECT_ROOT, "provisioning/cli/main.ts"), ...words], {
    encoding: "utf8",
  });
  return { code: run.status, text: run.stdout + run.stderr };
}

test("what the archive is asked reaches its programs, wherever the home stands among the words", () => {
  for (const words of [
    ["--home", home, "check", "--json"],
    [`--home=${home}`, "check", "--repair", "gaps"],
    ["archive", "reindex", "--home", home],
    ["archive", "--home", home, "backup", join(home, "copy.db")],
    ["archive", "restore", join(home, "copy.db"), "--home", home],
  ]) {
    const { code, text } = lanthorn(...words);
    assert.equal(code, 66, text);
    assert.match(text, new RegExp(`no archive in ${home}/state/archive`));
  }
});

test("each command explains itself, and says what is wrong with what it was asked", () => {
  for (const words of [["--help"], ["check", "--help"], ["archive", "--help"]]) {
    const { code, text } = lanthorn(...words);
    assert.deepEqual([code, /Usage/.test(text)], [0, true]);
  }
  for (const [words, names] of [
    [["fly"], /fly/],
    [["check", "--repair", "roof", "--home", home], /roof/],
    [["check", "--hoem", home], /--hoem/],
    [["archive", "fly", "--home", home], /fly/],
    [["check", "--home"], /--home/],
  ] as const) {
    const { code, text } = lanthorn(...words);
    assert.equal(code, 64, text);
    assert.match(text, names);
  }
});
