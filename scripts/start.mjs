/** `npm start`: installs what is missing, builds, and runs Lanthorn with simulated cameras. Options: provisioning/run/options.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pinnedNode, root, runMain, setUp, toolEnvironment } from "./setup.mjs";

await runMain(async () => {
  const argv = process.argv.slice(2);
  if (!argv.includes("--help")) {
    await setUp();
  }
  const runner = spawn(pinnedNode, [join(root, "provisioning/run/main.ts"), ...argv], {
    stdio: "inherit",
    env: toolEnvironment(),
  });
  // Ctrl-C reaches the whole foreground group: the runner stops in order, this process only waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => runner.kill("SIGTERM"));
  return new Promise((resolve) => {
    runner.on("close", (code) => resolve(code ?? 1));
  });
});
