/**
 * A disk that forgets what was not synced when its power goes: forgetful-disk.c, a loop device over it, ext4 on that.
 * Needs root and a mount namespace of its own (own-mounts.ts), with which everything here vanishes.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What of the sectors that were not synced survives a cut. Order: from nothing to everything. */
export const CUT_STYLES = ["none", "prefix", "suffix", "writes", "sectors", "all"] as const;
/** One of CUT_STYLES. */
export type CutStyle = (typeof CUT_STYLES)[number];

/** How a cut went. Sectors have 512 bytes. */
export interface Cut {
  readonly wallUs: number;
  readonly unsyncedSectors: number;
  readonly survivingSectors: number;
}

/** What the disk did since it was made. */
export interface DiskCounts {
  readonly writes: number;
  readonly syncs: number;
  readonly unsyncedSectors: number;
}

/** At which request of the file system the power goes: instead of one that finds something unsynced, so between a write and its sync. */
export type CutInstant =
  | { readonly at: "writes" | "syncs"; readonly count: number }
  /** The count-th write or sync after a write of these bytes. */
  | { readonly at: "bytes"; readonly bytes: string; readonly count: number };

/** Compiles a C file of this folder, once for each content; returns the program's (or library's) path. */
export function compiled(source: string, flags: readonly string[]): string {
  const text = readFileSync(source);
  const digest = createHash("sha256").update(text).update(flags.join(" ")).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), "lanthorn-test-programs");
  const program = join(directory, digest);
  if (!existsSync(program)) {
    mkdirSync(directory, { recursive: true });
    const partial = join(mkdtempSync(join(directory, "made-")), "program");
    execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", partial, source, ...flags]);
    renameSync(partial, program); // two tests that compile at once both end with a whole one
  }
  return program;
}

/** The disk. Owner: dispose of it, after unmount() if it was mounted. */
export class ForgetfulDisk {
  /** What is mounted: the file that stands for the disk. */
  readonly file: string;
  readonly #daemon: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  readonly #cuts: Cut[] = [];
  readonly #shown: string;
  #mountedAt: string | undefined;

  private constructor(daemon: ChildProcess, directory: string) {
    this.#shown = directory;
    this.file = join(directory, "disk");
    this.#daemon = daemon;
    const lines = createInterface({ input: daemon.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      if (line.startsWith("cut ")) {
        const [wallUs = 0, unsyncedSectors = 0, survivingSectors = 0] = line.split(" ").slice(1).map(Number);
        this.#cuts.push({ wallUs, unsyncedSectors, survivingSectors });
      } else {
        this.#answers.shift()?.(line);
      }
    });
  }

  /** Makes an empty disk of so many bytes below a directory, with an empty ext4 on it. */
  static async make(directory: string, bytes: number): Promise<ForgetfulDisk> {
    const flags = execFileSync("pkg-config", ["--cflags", "--libs", "fuse3"], { encoding: "utf8" }).trim().split(/\s+/);
    const program = compiled(join(import.meta.dirname, "forgetful-disk.c"), [...flags, "-lpthread"]);
    const image = join(directory, "image");
    const shown = join(directory, "shown");
    mkdirSync(shown, { recursive: true });
    writeFileSync(image, "");
    truncateSync(image, bytes);
    // What Debian's installer and our image make: data=ordered, a journal, and no writing on after an error.
    await run("mkfs.ext4", ["-q", "-F", "-e", "remount-ro", image]);
    const daemon = spawn(program, [image, shown], { stdio: ["pipe", "pipe", "inherit"] });
    const disk = new ForgetfulDisk(daemon, shown);
    await disk.#answer("ready");
    return disk;
  }

  /** Mounts it, as after a start of the machine: the journal is replayed, nothing else is repaired. */
  async mount(directory: string): Promise<void> {
    await run("mount", ["-t", "ext4", "-o", "loop,noatime", this.file, directory]);
    this.#mountedAt = directory;
  }

  /** Unmounts it; the loop device goes with it, and all that the kernel remembers of the disk. */
  async unmount(): Promise<void> {
    if (this.#mountedAt !== undefined) {
      await run("umount", [this.#mountedAt]);
      this.#mountedAt = undefined;
    }
  }

  /** The cuts so far. */
  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  /** Power goes now; does nothing when it is gone. */
  async cut(style: CutStyle, seed: number): Promise<void> {
    await this.command(`cut ${style} ${seed}`);
  }

  /** Power will go at an instant that the file system's own requests set. */
  async arm(style: CutStyle, seed: number, instant: CutInstant): Promise<void> {
    const when =
      instant.at === "bytes"
        ? `bytes ${Buffer.from(instant.bytes).toString("hex")} ${instant.count}`
        : `${instant.at} ${instant.count}`;
    await this.command(`arm ${style} ${seed} ${when}`);
  }

  /** Power comes back. */
  async power(): Promise<void> {
    await this.command("power");
  }

  /** These requests fail with EIO from now on, or no longer. */
  async fail(what: "reads" | "writes" | "syncs", fails: boolean): Promise<void> {
    await this.command(`fail ${what} ${fails ? "on" : "off"}`);
  }

  /** Each sync takes so long from now on. 0, 0: as fast as it goes. */
  async slow(minMs: number, maxMs: number): Promise<void> {
    await this.command(`slow ${minMs} ${maxMs}`);
  }

  /** What it did so far. */
  async counts(): Promise<DiskCounts> {
    const answer = await this.command("stat");
    const [writes = 0, syncs = 0, unsyncedSectors = 0] = (answer.match(/\d+/g) ?? []).map(Number);
    return { writes, syncs, unsyncedSectors };
  }

  /** A command in the program's own words. Throws what the program says against it. */
  async command(line: string): Promise<string> {
    this.#daemon.stdin?.write(`${line}\n`);
    return await this.#answer("ok");
  }

  async #answer(expected: string): Promise<string> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#answers.push(resolve);
      this.#daemon.once("close", (code) => reject(new TypeError(`forgetful-disk ended with ${code}`)));
    });
    this.#daemon.removeAllListeners("close");
    if (!line.startsWith(expected)) {
      throw new TypeError(`forgetful-disk: ${line}`);
    }
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What is still mounted must not wait for a disk that is gone: it gets errors, then goes.
    await this.cut("none", 0);
    for (const directory of [this.#mountedAt, this.#shown]) {
      if (directory !== undefined) {
        await run("umount", [directory]).catch(() => run("umount", ["-l", directory]));
      }
    }
    const ended = once(this.#daemon, "close");
    this.#daemon.stdin?.end();
    await ended;
  }
}
