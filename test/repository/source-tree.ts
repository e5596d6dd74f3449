/** The project's files, as git knows them, for the tests of the repository's own rules. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's root directory. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** Tracked and new files whose path matches; throws when none does, so that no rule passes over nothing. */
export function projectFiles(pattern: RegExp): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const files = list.split("\n").filter((file) => pattern.test(file) && existsSync(join(ROOT, file)));
  if (files.length === 0) {
    throw new RangeError(`No file of the project matches ${pattern}: the rule would check nothing`);
  }
  return files;
}

/** A project file's text. */
export function readProjectFile(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
