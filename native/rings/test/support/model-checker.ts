/**
 * Runs the models of ../../model through spin: translate, compile, search all states, with or without one step left out.
 * Does not: know what a model claims. Needs the Debian packages spin and gcc.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../model/", import.meta.url));
/** Deepest path searched; deeper ones make the search incomplete, which is a failure. */
const DEPTH = 20_000;

/** A step that can be left out, or a goal that must be reachable: `#define NAME 3 // mutation: words`. */
export type Mutation = { name: string; number: number; words: string };

/** What a search found. complete: every state was visited within depth and memory. errors: claims violated (it stops at the first). */
export type Search = { errors: number; states: number; complete: boolean; output: string };

/** The models' names: every file of the folder that has processes of its own. */
export function modelNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".pml") && /^init /m.test(readFileSync(join(FOLDER, file), "utf8")))
    .map((file) => file.slice(0, -".pml".length));
}

/** A model's mutations, in order. */
export function mutationsOf(model: string): Mutation[] {
  const text = readFileSync(join(FOLDER, `${model}.pml`), "utf8");
  return [...text.matchAll(/^#define (\w+) (\d+) +\/\/ mutation: (.+)$/gm)].map(
    ([, name = "", number, words = ""]) => ({
      name,
      number: Number(number),
      words,
    }),
  );
}

/** Does work on all items, as many at a time as there are processors. */
export async function eachInParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** A model compiled to a searching program in a folder of its own. */
export class Checker {
  readonly #folder = mkdtempSync(join(tmpdir(), "lanthorn-model-"));
  readonly #memoryMiB: number;

  constructor(memoryMiB: number) {
    this.#memoryMiB = memoryMiB;
  }

  /** bounds: `#define`s that replace the model's own, such as { LOOKS: 3 }. */
  async compile(model: string, bounds: Record<string, number> = {}): Promise<void> {
    const defines = Object.entries(bounds).map(([name, value]) => `-D${name}=${value}`);
    await run(this.#folder, "spin", [...defines, "-a", join(FOLDER, `${model}.pml`)]);
    // SAFETY: no claims about cycles. COLLAPSE: states take a tenth. NOCLAIM: none are in the models. -w: spin's code, not ours.
    const options = [
      "-O2",
      "-w",
      "-DSAFETY",
      "-DNOCLAIM",
      "-DCOLLAPSE",
      `-DMEMLIM=${this.#memoryMiB}`,
      "-DVECTORSZ=4096",
    ];
    await run(this.#folder, "gcc", [...options, "-o", "pan", "pan.c"]);
  }

  /** mutation: 0 leaves nothing out. */
  async search(mutation: number): Promise<Search> {
    const output = await run(this.#folder, "./pan", [`-m${DEPTH}`, "-w20", "-x"], { MUTATION: String(mutation) });
    const errors = /errors: (\d+)/.exec(output)?.[1];
    const states = /([\d.e+]+) states, stored/.exec(output)?.[1];
    if (errors === undefined || states === undefined) {
      throw new Error(`The search ended without a result:\n${output}`);
    }
    const complete = !/Search not completed|max search depth too small|memory bound|reached -DMEMLIM/.test(output);
    return { errors: Number(errors), states: Number(states), complete, output };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(cwd: string, command: string, args: string[], environment: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // pan ends with the number of errors; what it says is judged by the caller.
      if (error !== null && command !== "./pan") {
        reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${stdout}${stderr}`));
        return;
      }
      resolve(stdout + stderr);
    });
  });
}
