/**
 * `lanthorn-rings demo`: simulated sensors of every kind, each in its ring, for trying readers without any device.
 * All sources live in one process: together they need less than one core, and one process ends or is killed as one.
 */
import { elapsedMs, isAborted, LanthornError, systemClock } from "@lanthorn/base";
import { EXIT_FAILED, EXIT_OK } from "../sub-command.ts";
import { announcement, RateLine } from "./announcement.ts";
import { type DemoOptions, parseDemoOptions, SOURCE_NAMES, USAGE } from "./options.ts";
import { paced } from "./pacing.ts";
import type { DemoSource } from "./source.ts";
import { makeSources } from "./sources.ts";

const RATE_PERIOD_S = 5;

/** What to do about errors that the demo's own options cure. */
const REMEDIES: Readonly<Record<string, string>> = {
  RING_NO_SPACE: `Run fewer sources (the smallest: --only ${SOURCE_NAMES.slice(-5).join(",")}) or smaller pictures (--size 320x240)`,
  RING_EXISTS: "If that is another demo, give this one names of its own: --prefix demo2",
};

/** Runs the demo until the signal is aborted or its time is over. Returns the exit code. Throws: RING_OPTION_INVALID and what rings throw. */
export async function demo(argv: string[], signal: AbortSignal): Promise<number> {
  const options = parseDemoOptions(argv);
  if (options === undefined) {
    console.log(USAGE);
    return EXIT_OK;
  }
  try {
    await run(options, signal);
    return EXIT_OK;
  } catch (error) {
    const remedy = error instanceof LanthornError ? REMEDIES[error.code] : undefined;
    if (remedy === undefined) {
      throw error;
    }
    console.error(`${(error as LanthornError).message}\n${remedy}`);
    return EXIT_FAILED;
  }
}

async function run(options: DemoOptions, outerSignal: AbortSignal): Promise<void> {
  const sources = makeSources(options, (ring, reason) => {
    console.error(`No packets in ${ring}: ${reason}. The other rings go on; --only leaves it out`);
  });
  const stopping = new AbortController();
  const signal = AbortSignal.any([outerSignal, stopping.signal]);
  try {
    for (const source of sources) {
      source.open();
    }
    console.log(announcement(sources));
    const startMonoNs = systemClock.monoNs();
    const running = sources.map((source) =>
      paced({ clock: systemClock, signal, rateHz: source.rateHz, startMonoNs }, (tick) => source.tick(tick)),
    );
    await Promise.race([
      Promise.all(running),
      tellRates(sources, startMonoNs, signal),
      endAfter(options.seconds, signal),
    ]);
  } finally {
    stopping.abort();
    for (const source of sources.toReversed()) {
      await source.close();
    }
  }
}

async function tellRates(sources: readonly DemoSource[], startMonoNs: bigint, signal: AbortSignal): Promise<void> {
  const line = new RateLine(sources);
  let [lastMonoNs, lastCpuUs] = [startMonoNs, cpuUs()];
  await paced({ clock: systemClock, signal, rateHz: 1 / RATE_PERIOD_S, startMonoNs }, ({ index }) => {
    if (index === 0) {
      return;
    }
    const [nowMonoNs, nowCpuUs] = [systemClock.monoNs(), cpuUs()];
    const periodMs = elapsedMs(lastMonoNs, nowMonoNs);
    const cores = (nowCpuUs - lastCpuUs) / 1000 / periodMs;
    console.log(line.next(elapsedMs(startMonoNs, nowMonoNs) / 1000, periodMs / 1000, cores));
    [lastMonoNs, lastCpuUs] = [nowMonoNs, nowCpuUs];
  });
}

async function endAfter(seconds: number | undefined, signal: AbortSignal): Promise<void> {
  try {
    do {
      await systemClock.sleep((seconds ?? 3600) * 1000, signal);
    } while (seconds === undefined);
  } catch (error) {
    if (!isAborted(error)) {
      throw error;
    }
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
