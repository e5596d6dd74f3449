/** `npm run check`: types, lint and format, dead exports, C++ format. The repository's own rules are tests: test/repository. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pinnedNode, root, runMain, SetupError, setUp, toolEnvironment } from "./setup.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);

/** One row a tool. `proof` must match its output or its name is not believed: a check that found nothing to check fails. */
const checks = [
  {
    name: "types",
    command: [bin("tsc"), "--noEmit", "-p", "tsconfig.json", "--listFilesOnly"],
    proof: /services\/ingest\/main\.ts/,
    quiet: true,
  },
  { name: "types", command: [bin("tsc"), "--noEmit", "-p", "tsconfig.json"] },
  { name: "types of the page", command: [bin("tsc"), "--noEmit", "-p", "services/web/ui/tsconfig.json"] },
  {
    name: "lint and format",
    command: [bin("biome"), "check", "--error-on-warnings"],
    proof: /Checked [1-9]\d\d+ files/,
  },
  {
    name: "dead exports and dependencies",
    command: [pinnedNode, join(root, "node_modules/knip/bin/knip.js"), "--no-progress"],
  },
];

function cppFiles() {
  const list = spawnSync("git", ["ls-files", "native/**/*.cpp", "native/**/*.hpp", "native/**/*.h"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = list.stdout.split("\n").filter(Boolean);
  if (files.length === 0) {
    throw new SetupError("C++ format: found no C++ files to check");
  }
  return files;
}

/** Runs every check and says which failed. */
export function check() {
  let failed = 0;
  const rows = [...checks, { name: "C++ format", command: ["clang-format", "--dry-run", "--Werror", ...cppFiles()] }];
  for (const { name, command, proof, quiet } of rows) {
    const result = spawnSync(command[0], command.slice(1), {
      cwd: root,
      encoding: "utf8",
      env: toolEnvironment(),
      maxBuffer: 1 << 28,
    });
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}`;
    const ok = result.status === 0 && (proof === undefined || proof.test(output));
    if (!ok) {
      failed += 1;
      process.stderr.write(`${output}\n`);
    }
    if (!quiet || !ok) {
      process.stderr.write(`${ok ? "ok  " : "FAIL"} ${name}\n`);
    }
  }
  return failed;
}

if (import.meta.filename === process.argv[1]) {
  await runMain(async () => {
    await setUp({ groups: ["build", "run", "test"] });
    return check() === 0 ? 0 : 1;
  });
}
