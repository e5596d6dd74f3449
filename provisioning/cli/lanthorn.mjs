#!/usr/bin/env node
/** `npx lanthorn …`: runs cli/main.ts under the pinned Node, whatever Node called it. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const pinnedNode = here("../../node_modules/.bin/node");
const { status } = spawnSync(pinnedNode, [here("main.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(status ?? 1);
