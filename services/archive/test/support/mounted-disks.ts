/** Disks for tests that run in a mount namespace of their own: a small tmpfs each, mounted and unmounted at will, its files kept. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Owner: dispose of it; that unmounts everything. */
export class MountedDisk {
  /** Where the archive is told the disk is. */
  readonly directory: string;
  readonly #backing: string;
  #isMounted = false;

  constructor(root: string, name: string, sizeMiB = 64) {
    this.directory = join(root, name);
    this.#backing = join(root, `${name}-backing`);
    mkdirSync(this.directory);
    mkdirSync(this.#backing);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMiB}m,mode=0750`, "lanthorn-test", this.#backing]);
    this.mount();
  }

  /** Puts the disk in. */
  mount(): void {
    execFileSync("mount", ["--bind", this.#backing, this.directory]);
    this.#isMounted = true;
  }

  /** Pulls the disk out, files open or not: the empty mount point stays. */
  pull(): void {
    execFileSync("umount", ["-l", this.directory]);
    this.#isMounted = false;
  }

  [Symbol.dispose](): void {
    if (this.#isMounted) {
      this.pull();
    }
    execFileSync("umount", ["-l", this.#backing]);
  }
}
