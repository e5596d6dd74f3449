/** Child processes of the tests: this Node running a program of this folder, spoken to by lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** A started program and the lines it prints. */
export type Child = { lines: AsyncIterator<string>; kill(): Promise<void>; ended: Promise<number | null> };

/** Starts support/<program> with arguments. */
export function startProgram(program: string, ...args: string[]): Child {
  return startCommand(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...args]);
}

/** Starts any command; errors it prints go to ours. */
export function startCommand(command: string, args: string[], cwd?: string): Child {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...(cwd === undefined ? {} : { cwd }) });
  running.add(child);
  const ended = once(child, "exit").then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    lines,
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The next line, or a failure that says the program ended. */
export async function nextLine(child: Child): Promise<string> {
  const line = await child.lines.next();
  if (line.done === true) {
    throw new Error(`The program ended (exit code ${await child.ended}) before it said what was expected`);
  }
  return line.value;
}
