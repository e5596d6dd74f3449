/** Plays scenes that mount disks: each as a process in a mount namespace of its own, with which its mounts and loop devices vanish. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { TestContext } from "node:test";

const PROGRAMS = ["cc", "pkg-config", "mkfs.ext4"];

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

/** Plays a scene with arguments and returns what it wrote to stdout; skips the test, saying why, where the machine does not permit it. Throws when the scene fails. */
export function playScene(
  context: TestContext,
  scene: { file: string; arguments?: readonly string[]; timeoutMs?: number },
): string | undefined {
  const reason = whyNot();
  if (reason !== undefined) {
    context.skip(`SKIPPED: ${reason}: ${scene.file} was not played`);
    return undefined;
  }
  const node = [process.execPath, scene.file, ...(scene.arguments ?? [])];
  // Processes of its own too: a service that outlived a killed scene would keep its mounts and loop device.
  const namespaces = ["-m", "--propagation", "private", "-p", "-f", "--kill-child", "--mount-proc"];
  const run = spawnSync("unshare", [...namespaces, ...node], {
    encoding: "utf8",
    timeout: scene.timeoutMs ?? 240_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.status !== 0) {
    throw new TypeError(`${scene.file} ended with ${run.status ?? run.signal}:\n${run.stdout}${run.stderr}`);
  }
  return run.stdout;
}
