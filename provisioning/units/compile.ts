/**
 * Compiles the modules of every service into a directory that the units then only read: `node provisioning/units/compile.ts <directory>`.
 * To be run as root where the image is made, after sysusers.d: Node keeps a user's code in a folder of that user's number, so each service
 * is loaded once as its own user. Without the directory a service starts all the same, in twice the time and with 17 MiB more.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";
import { runErrors } from "../run/error-codes.ts";
import { NODE_FLAGS, SERVICES, type ServiceSpec } from "../services.ts";
import { COMPILED_DIR } from "./install-paths.ts";
import { unitName } from "./unit-text.ts";

/** Numbers of the user that a service is loaded as. */
export interface CompileAs {
  readonly uid: number;
  readonly gid: number;
}

/** Loads a service once without starting it, so that its compiled modules are in the directory. Throws: RUN_COMPILE_FAILED. */
export function compileService({ name, main }: ServiceSpec, directory: string, as?: CompileAs): void {
  const { status, signal, stderr, error } = spawnSync(process.execPath, [...NODE_FLAGS, join(PROJECT_ROOT, main)], {
    ...as,
    encoding: "utf8",
    env: { NODE_COMPILE_CACHE: directory, LANTHORN_ONLY_COMPILE: "1" },
  });
  if (status !== 0) {
    const reason = error?.message ?? (stderr.trim().split("\n").at(-1) || `signal ${signal}`);
    throw runErrors.make("RUN_COMPILE_FAILED", { service: name, directory, reason });
  }
}

function userOf(service: string, directory: string): CompileAs {
  const number = (which: string) => {
    const { status, stdout, stderr } = spawnSync("id", [which, unitName(service)], { encoding: "utf8" });
    if (status !== 0) {
      throw runErrors.make("RUN_COMPILE_FAILED", { service, directory, reason: stderr.trim() });
    }
    return Number(stdout);
  };
  return { uid: number("-u"), gid: number("-g") };
}

if (import.meta.main) {
  const directory = process.argv[2] ?? COMPILED_DIR;
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o1777); // each user makes its own folder; on the image nobody can write here
  for (const service of SERVICES) {
    compileService(service, directory, userOf(service.name, directory));
  }
}
