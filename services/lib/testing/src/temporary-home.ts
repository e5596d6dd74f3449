/** A home for services under test: directories, a device key, and a ring prefix that nobody else has. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServicePaths } from "@lanthorn/base";
import { testingErrors } from "./error-codes.ts";

const SHM_DIR = "/dev/shm";

/** sun_path holds 108 bytes with the closing NUL, unix(7). The longest name of ours is automation.sock. */
const SOCKET_PATH_BYTES_MAX = 107;
const LONGEST_SOCKET_NAME = "notify-automation-99.sock";

/** Makes a home below the temporary directory. Owner: remove() it, or declare it with `await using`. */
export function makeTemporaryHome(): TemporaryHome {
  return new TemporaryHome(mkdtempSync(join(tmpdir(), "lanthorn-")));
}

/** A home below the temporary directory, laid out like a real one. */
export class TemporaryHome {
  readonly root: string;
  readonly runDir: string;
  readonly configDir: string;
  readonly credentialsDir: string;
  /** State directory of services/cameras, which holds registry.db. */
  readonly registryDir: string;
  /** First part of the name of every ring made here. */
  readonly ringPrefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
  readonly deviceKey = randomBytes(32);

  constructor(root: string) {
    this.root = root;
    this.runDir = join(root, "run");
    this.configDir = join(root, "etc");
    this.credentialsDir = join(root, "credentials");
    this.registryDir = join(root, "state", "cameras");
    const bytes = Buffer.byteLength(join(this.runDir, LONGEST_SOCKET_NAME));
    if (bytes > SOCKET_PATH_BYTES_MAX) {
      throw testingErrors.make("HOME_PATH_TOO_LONG", { runDir: this.runDir, bytes });
    }
    for (const directory of [this.runDir, this.configDir, this.registryDir]) {
      mkdirSync(directory, { recursive: true });
    }
    mkdirSync(this.credentialsDir, { mode: 0o700 });
    this.writeCredential("device-key", this.deviceKey);
  }

  /** The paths a service in this home has. */
  paths(service: string): ServicePaths {
    return {
      runDir: this.runDir,
      stateDir: this.stateDir(service),
      configDir: this.configDir,
      registryDir: this.registryDir,
      credentialsDir: this.credentialsDir,
      ringPrefix: this.ringPrefix,
    };
  }

  /** A service's own writable directory; made if it is not there. */
  stateDir(service: string): string {
    const directory = join(this.root, "state", service);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  /** The environment variables that tell a service its paths. */
  environment(service: string): Record<string, string> {
    return {
      LANTHORN_RUN_DIR: this.runDir,
      LANTHORN_STATE_DIR: this.stateDir(service),
      LANTHORN_CONFIG_DIR: this.configDir,
      LANTHORN_REGISTRY_DIR: this.registryDir,
      LANTHORN_RING_PREFIX: this.ringPrefix,
      CREDENTIALS_DIRECTORY: this.credentialsDir,
    };
  }

  /** Writes `<configDir>/<service>.toml`. */
  writeConfig(service: string, toml: string): void {
    writeFileSync(join(this.configDir, `${service}.toml`), toml);
  }

  /** Writes a credential, mode 0600. */
  writeCredential(name: string, content: Uint8Array | string): void {
    const file = join(this.credentialsDir, name);
    writeFileSync(file, content, { mode: 0o600 });
    chmodSync(file, 0o600);
  }

  /** The shared-memory objects made under this home's prefix that are still there. */
  shmObjects(): string[] {
    return readdirSync(SHM_DIR).filter((name) => name.startsWith(this.ringPrefix));
  }

  /** Removes the home and its shared-memory objects. Stop its services first. May be called twice. */
  remove(): void {
    for (const name of this.shmObjects()) {
      rmSync(join(SHM_DIR, name), { force: true });
    }
    // A directory may be written to for a moment after its process was killed.
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}
