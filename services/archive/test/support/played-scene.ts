/** Plays scenes that mount disks: each as a process in a mount namespace of its own, with which its mounts and loop devices vanish. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import type { TestContext } from "node:test";

const PROGRAMS = ["setpriv", "cc", "pkg-config", "mkfs.ext4"];

/** Why a scene with a ForgetfulDisk cannot be played here; undefined when it can. */
function whyNot(): string | undefined {
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) {
    return "unshare -m is not permitted here (needs root)";
  }
  for (const device of ["/dev/fuse", "/dev/loop-control"]) {
    try {
      accessSync(device, constants.R_OK | constants.W_OK);
    } catch {
      return `${device} cannot be opened here`;
    }
  }
  const missing = PROGRAMS.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  if (missing.length > 0) {
    return `${missing.join(", ")} not installed`;
  }
  return spawnSync("pkg-config", ["--exists", "fuse3"]).status === 0 ? undefined : "libfuse3-dev is not installed";
}

/**
 * Plays a scene with arguments and returns what it wrote to stdout; what it writes to stderr is shown at once. Skips the test, saying why, where
 * the machine does not permit it. Throws when the scene fails.
 */
export async function playScene(
  context: TestContext,
  scene: { file: string; arguments?: readonly string[]; timeoutMs?: number },
): Promise<string | undefined> {
  const reason = whyNot();
  if (reason !== undefined) {
    context.skip(`SKIPPED: ${reason}: ${scene.file} was not played`);
    return undefined;
  }
  const node = [process.execPath, scene.file, ...(scene.arguments ?? [])];
  // Ends with the test, however that ends. Processes of its own too: a service that outlived a killed scene would keep its mounts and loop device.
  const wrapper = ["--pdeathsig", "KILL", "unshare", "-m", "--propagation", "private", "-p", "-f", "--kill-child"];
  const child = spawn("setpriv", [...wrapper, "--mount-proc", ...node], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: scene.timeoutMs ?? 240_000,
    killSignal: "SIGKILL",
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code, signal] = await once(child, "close");
  if (code !== 0) {
    throw new TypeError(`${scene.file} ended with ${code ?? signal}:\n${said}`);
  }
  return said;
}
