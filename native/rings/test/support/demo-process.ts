/** The demo as a user starts it, for tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { after } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The command's file. */
export const COMMAND = fileURLToPath(new URL("../../cli/lanthorn-rings.mjs", import.meta.url));

/** A running demo; text() is all it has printed, on both outputs. */
export type Demo = {
  pid: number;
  text: () => string;
  /** Sends a signal and gives the exit code; null where the signal ended it. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
  ended: Promise<number | null>;
};

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** Starts `lanthorn-rings demo` and waits until its rings are there. environment: added to this process's. */
export async function startDemo(args: string[], environment: Record<string, string> = {}): Promise<Demo> {
  const child = spawn(process.execPath, [COMMAND, "demo", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  let printed = "";
  let isEnded = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
  }
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    isEnded = true;
    return code as number | null;
  });
  const demo: Demo = {
    pid: child.pid ?? 0,
    text: () => printed,
    ended,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
  await until(() => isEnded || printed.includes("Read them"));
  return demo;
}

/** Waits until a condition holds; the test's own time-out is the watchdog. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setTimeout(10);
  }
}

/** Processes whose parent is this one, living ones only. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((candidate) => Number.isInteger(candidate) && statOf(candidate)?.parent === pid);
}

/** Whether a process lives; one that has ended but whom nobody asked about (a zombie) does not. */
export function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== "Z" && stat.state !== "X";
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const [state = "", parent = ""] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // it ended
  }
}
