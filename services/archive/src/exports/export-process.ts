/** Runs one export worker: a process of its own at the lowest priority, so that recording never waits for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Log } from "@lanthorn/base";
import type { ExportFile } from "@lanthorn/contract";
import type { ExportJob, FromWorker, ToWorker } from "./worker/job-messages.ts";

const WORKER_MAIN = fileURLToPath(new URL("../../export-worker.ts", import.meta.url));

/** How a worker ended. */
export type WorkerEnding =
  | { readonly kind: "done"; readonly files: readonly ExportFile[] }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "vanished"; readonly how: string };

/** What a worker is told and asks. */
export interface WorkerHooks {
  readonly admit: (bytes: number) => Promise<boolean>;
  readonly progress: (message: Extract<FromWorker, { type: "progress" }>) => void;
  readonly log: Log;
}

/** A running worker. */
export interface RunningWorker {
  readonly ended: Promise<WorkerEnding>;
  /** Ends it at once; what it was writing is left under a name that nobody takes for a file. */
  kill(): void;
}

/**
 * Starts one. nice and ionice, before Node: a priority set later would not reach the threads that are there already. Idle class: the disk
 * serves a worker when nobody else wants it.
 */
export function startWorker(job: ExportJob, hooks: WorkerHooks): RunningWorker {
  const node = [process.execPath, "--max-old-space-size=512", WORKER_MAIN];
  const priority = ["ionice", "-t", "-c", "3", "nice", "-n", "19"];
  const [program = "", ...rest] = [...priority, ...node];
  const child = spawn(program, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = new Promise<WorkerEnding>((resolve) => listen(child, hooks, resolve));
  send(child, { type: "job", job });
  return { ended, kill: () => child.kill("SIGKILL") };
}

function listen(child: ChildProcess, hooks: WorkerHooks, resolve: (ending: WorkerEnding) => void): void {
  let ending: WorkerEnding | undefined;
  child.on("message", (message: FromWorker) => {
    switch (message.type) {
      case "progress":
        hooks.progress(message);
        break;
      case "need-room":
        hooks.admit(message.bytes).then(
          (granted) => send(child, { type: "room", granted }),
          (error: unknown) => {
            hooks.log.error({ err: error }, "cannot say whether there is room for an export");
            send(child, { type: "room", granted: false });
          },
        );
        break;
      case "done":
        ending = { kind: "done", files: message.files };
        break;
      case "failed":
        ending = { kind: "failed", code: message.code, message: message.message };
        break;
    }
  });
  child.on("error", (error) => {
    ending ??= { kind: "vanished", how: error.message };
    resolve(ending);
  });
  child.on("close", (code, signal) => resolve(ending ?? { kind: "vanished", how: signal ?? `exit ${code}` }));
}

function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) {
    child.send(message, () => {}); // a worker that has just ended: "close" tells
  }
}
