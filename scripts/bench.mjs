/** `npm run bench -- <name> [--json]`: runs bench/main.ts of the room of that name in native/, services/ or test/. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pinnedNode, root, runMain, SetupError, setUp, toolEnvironment } from "./setup.mjs";

/** Where rooms with a benchmark are. */
const LAYERS = ["native", "services", "test"];

await runMain(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const main = LAYERS.map((layer) => join(root, layer, name ?? "", "bench/main.ts")).find((path) => existsSync(path));
  if (name === undefined || main === undefined) {
    const known = LAYERS.flatMap((layer) => readdirSync(join(root, layer))).filter((room) =>
      LAYERS.some((layer) => existsSync(join(root, layer, room, "bench/main.ts"))),
    );
    throw new SetupError(
      `Expected the name of a benchmark but received ${name ?? "nothing"}; there are: ${known.join(", ") || "none yet"}`,
    );
  }
  await setUp();
  return spawnSync(pinnedNode, [main, ...rest], { cwd: root, stdio: "inherit", env: toolEnvironment() }).status ?? 1;
});
