/** The directory everything lives in, made ready for the services. Does not start anything. */

import { createHash, randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CAMERA_RINGS, cameraRingsMiB } from "@lanthorn/contract";
import { runErrors } from "./error-codes.ts";

/** Absolute paths inside a home. */
export interface Home {
  readonly directory: string;
  readonly runDir: string;
  readonly configDir: string;
  readonly credentialsDir: string;
  readonly registryDir: string;
  readonly logDir: string;
  readonly cacheDir: string;
  readonly ringPrefix: string;
  readonly stateDirOf: (service: string) => string;
}

/** sun_path holds 108 bytes with the final NUL (unix(7)); the longest name we put behind the home is /run/notify-automation.sock. */
const MAX_HOME_BYTES = 107 - "/run/notify-automation.sock".length;

/** Makes the home's directories and its device key (mode 0600). Throws: RUN_HOME_UNWRITABLE, RUN_HOME_TOO_LONG. */
export function makeHome(path: string, isDefault: boolean): Home {
  const directory = resolve(path);
  const bytes = Buffer.byteLength(directory);
  if (bytes > MAX_HOME_BYTES) {
    throw runErrors.make("RUN_HOME_TOO_LONG", { home: directory, bytes, maxBytes: MAX_HOME_BYTES });
  }
  const home: Home = {
    directory,
    runDir: join(directory, "run"),
    configDir: join(directory, "etc"),
    credentialsDir: join(directory, "credentials"),
    registryDir: join(directory, "state/cameras"),
    logDir: join(directory, "log"),
    cacheDir: join(directory, "cache"),
    // Two homes on one machine must not share rings; the default home has the plain name people read about.
    ringPrefix: isDefault ? "lanthorn" : `lanthorn-${createHash("sha256").update(directory).digest("hex").slice(0, 6)}`,
    stateDirOf: (service) => join(directory, "state", service),
  };
  try {
    for (const folder of [home.runDir, home.configDir, home.logDir, home.cacheDir, home.registryDir]) {
      makeDirectories(folder, 0o750);
    }
    makeDirectories(home.credentialsDir, 0o700);
    accessSync(directory, constants.W_OK | constants.X_OK);
    const deviceKey = join(home.credentialsDir, "device-key");
    if (!existsSync(deviceKey)) {
      writeFileSync(deviceKey, randomBytes(32), { mode: 0o600, flag: "wx" });
    }
  } catch (error) {
    throw runErrors.make("RUN_HOME_UNWRITABLE", { home: directory, reason: (error as Error).message }, error);
  }
  return home;
}

/** Makes a directory and its parents. Not mkdirSync's `recursive`, which never returns where mkdir(2) says ENOENT for ever (/proc). */
function makeDirectories(path: string, mode: number): void {
  if (!existsSync(path)) {
    makeDirectories(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}

/** What most cameras send; libavcodec wants rows in sixteens. */
const USUAL_SIZE = { widthPx: 1920, heightPx: 1088 };
const { leastSpareSlots, spareSlots } = CAMERA_RINGS;
/** Shared memory below which decode would refuse a usual camera; the sub-stream is left out, which the runner's cameras do not send. Mebibytes. */
const SHM_PER_CAMERA_MIB = cameraRingsMiB(USUAL_SIZE, { spareSlots: leastSpareSlots, hasSubStream: false });
/** Shared memory with which a usual camera gets all its slots, and has room for a sub-stream. Mebibytes. */
const SHM_PER_CAMERA_AMPLE_MIB = cameraRingsMiB(USUAL_SIZE, { spareSlots, hasSubStream: true });

/** Refuses to start when /dev/shm cannot hold the rings of so many cameras. Throws: RUN_SHM_TOO_SMALL. */
export function checkSharedMemory(cameras: number): void {
  const { bavail, bsize } = statfsSync("/dev/shm");
  const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
  const needMiB = cameras * SHM_PER_CAMERA_MIB;
  if (freeMiB < needMiB) {
    throw runErrors.make("RUN_SHM_TOO_SMALL", {
      freeMiB,
      needMiB,
      cameras,
      suggestMiB: cameras * SHM_PER_CAMERA_AMPLE_MIB,
    });
  }
}

/** The start time of a process in clock ticks since boot, so that a reused pid is no match; undefined when there is none. */
export function processStartTicks(pid: number): string | undefined {
  try {
    // Field 22 of /proc/<pid>/stat; the command in field 2 may hold spaces and parentheses. Source: proc(5).
    const afterCommand = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "";
    const fields = afterCommand.split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
