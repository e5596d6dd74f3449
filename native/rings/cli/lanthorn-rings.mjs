#!/usr/bin/env node
/** `npx lanthorn-rings …`: runs cli/main.ts, under the pinned Node when another one called it. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PINNED_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) === PINNED_MAJOR) {
  await import("./main.ts");
} else {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const pinnedNode = here("../../../node_modules/.bin/node");
  const child = spawn(pinnedNode, [here("main.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal)); // main.ts takes one twice (terminal and this) for one
  }
  child.on("error", (error) => {
    process.stderr.write(`lanthorn-rings: cannot start ${pinnedNode} (${error.message}); run \`npm install\` first\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
