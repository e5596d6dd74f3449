/** The program lanthorn-rings, really started. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("../../cli/lanthorn-rings.mjs", import.meta.url));
const PTY = fileURLToPath(new URL("terminal.py", import.meta.url));
const running = new Set<ChildProcess>();
const folders: string[] = [];

after(() => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What a program said and how it ended. */
export type Ended = { code: number | null; stdout: Buffer; stderr: string };

/** Runs `lanthorn-rings …` to its end. */
export function runTool(...args: string[]): Promise<Ended> {
  return startTool(...args).ended;
}

/** Starts `lanthorn-rings …`. */
export function startTool(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  return startCommand(process.execPath, [TOOL, ...args]);
}

/** Runs `lanthorn-rings …` in a terminal of so many columns until it ends, or is interrupted after interruptMs. */
export async function runInTerminal(
  columns: number,
  args: string[],
  interruptMs = 60_000,
): Promise<{ code: number; output: string }> {
  const command = [PTY, `${columns}`, `${interruptMs}`, process.execPath, TOOL, ...args];
  const { stdout, stderr, code } = await startCommand("python3", command).ended;
  if (code !== 0) {
    throw new Error(`terminal.py failed: ${stderr}`);
  }
  return JSON.parse(stdout.toString()) as { code: number; output: string };
}

/** Runs any command to its end. */
export function startCommand(
  command: string,
  args: string[],
  input?: Buffer,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return { code: code as number | null, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
  });
  return { child, ended };
}

/** A folder that goes when the file's tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lanthorn-rings-"));
  folders.push(folder);
  return folder;
}

/** Does something again and again beside a program under test. */
export function repeat(periodMs: number, work: (count: number) => void): { stop(): Promise<void> } {
  let isOver = false;
  const done = (async () => {
    for (let count = 1; !isOver; count++) {
      work(count);
      await setTimeout(periodMs);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await done;
    },
  };
}

/** Waits until a condition holds; the test's own timeout ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await setTimeout(10);
  }
}
