/** A service for lifecycle.test.ts: its modules do what the configuration says, and write down when. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Module, type Progress, runService, type ServiceContext } from "../src/index.ts";

const config = z.strictObject({
  work: z
    .strictObject({
      /** What the second module does when it starts. */
      start: z.enum(["well", "fail", "hang"]).default("well"),
      /** Steps after which the work stands still; 0: never. */
      stallAfter: z.number().int().default(0),
      idle: z.boolean().default(false),
      /** Ends the process by a fault after this many steps; 0: never. */
      failAfter: z.number().int().default(0),
      stop: z.enum(["well", "fail"]).default("well"),
    })
    .prefault({}),
});

type Context = ServiceContext<z.output<typeof config>>;

class Diary implements Module {
  readonly name: string;
  readonly #file: string;

  constructor(context: Context, name: string) {
    this.name = name;
    this.#file = join(context.paths.stateDir, "diary.txt");
  }

  start(): void {
    this.write("start");
  }

  stop(): void {
    this.write("stop");
  }

  protected write(what: string): void {
    appendFileSync(this.#file, `${what} ${this.name}\n`);
  }
}

class Work extends Diary {
  readonly #context: Context;
  #steps = 0;
  #stopWorking: (() => void) | undefined;
  readonly progress: Progress = { count: () => this.#steps, isIdle: () => this.#context.config.work.idle };

  constructor(context: Context) {
    super(context, "work");
    this.#context = context;
  }

  override async start(): Promise<void> {
    super.start();
    const { clock, config, fail } = this.#context;
    const { failAfter, stallAfter, start } = config.work;
    if (start === "fail") {
      throw new TypeError("cannot start");
    }
    if (start === "hang") {
      await new Promise(() => {});
    }
    let calls = 0;
    this.#stopWorking = clock.every(10, () => {
      calls++;
      if (stallAfter === 0 || calls <= stallAfter) {
        this.#steps++;
      }
      if (calls === failAfter) {
        fail(new TypeError("broke while working"));
      }
    });
  }

  override stop(): void {
    this.#stopWorking?.();
    super.stop();
    if (this.#context.config.work.stop === "fail") {
      throw new TypeError("cannot stop");
    }
  }
}

await runService({
  name: "fixture",
  config,
  modules: (context) => [new Diary(context, "first"), new Work(context), new Diary(context, "last")],
});
