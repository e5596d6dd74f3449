/** `lanthorn-rings watch`: rates, latencies and losses of rings, again and again. */
import { elapsedMs, isAborted, systemClock } from "@lanthorn/base";
import { listRings, type RingInfo } from "../../src/index.ts";
import { readersOf } from "../ring-facts.ts";
import { EXIT_OK, numberOption, parseCommandLine } from "../sub-command.ts";
import { outputWidthChars, Screen } from "../terminal.ts";
import { RingWatch } from "./ring-watch.ts";
import { type WatchRow, watchJson, watchLines } from "./watch-table.ts";

const HELP = `Usage: lanthorn-rings watch [prefix | ring ...] [options]

Watches the rings whose names begin with one of the words given (all, without any), until Ctrl-C.
It takes no seat and no lease and copies no pixel: writers and readers do not notice it.

  RATE/s       frames or records published
  CAP→PUB ms   from capture to publication, p50/p99 of the newest 512
  PUB→HERE ms  from publication until this program had it
  CAP→HERE ms  from capture until this program had it
  JITTER ms    standard deviation of the time from one publication to the next
  MISSED       published, but not seen by this watch
  BUSY         frames the writer dropped because no slot was free
  └            a reader: ×n leases n slots; frames it took, frames it missed

  --interval <s>  seconds from one refresh to the next (default 1)
  --seconds <s>   end after so long
  --json          one JSON object a refresh; its keys: docs/ref/lanthorn-rings.md
  --help          this text
`;

const DEFAULT_INTERVAL_S = 1;
const LEAST_INTERVAL_S = 0.1;
const KEEP_ABSENT_MS = 10_000; // a ring that was replaced comes back within that

type Watched = { watch: RingWatch; ending: AbortController; done: Promise<void>; lastThereMonoNs: bigint };

/** Runs the sub-command. Throws: RING_OPTION_INVALID. */
export async function watch(argv: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommandLine("watch", argv, {
    interval: { type: "string" },
    seconds: { type: "string" },
    json: { type: "boolean" },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  const intervalMs =
    1000 * (numberOption("watch", "--interval", values.interval, { least: LEAST_INTERVAL_S }) ?? DEFAULT_INTERVAL_S);
  const seconds = numberOption("watch", "--seconds", values.seconds, { least: 0 });
  const fleet = new WatchFleet(positionals.length === 0 ? [""] : positionals);
  const show = values.json === true ? showJson : process.stdout.isTTY ? drawer() : showPlain;
  const beginMonoNs = systemClock.monoNs();
  const leftMs = () =>
    seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000 - elapsedMs(beginMonoNs, systemClock.monoNs());
  try {
    fleet.refresh();
    while (!signal.aborted && leftMs() > 0) {
      await systemClock.sleep(Math.min(intervalMs, leftMs()), signal);
      show(fleet.refresh());
    }
  } catch (error) {
    if (!isAborted(error)) {
      throw error;
    }
  } finally {
    await fleet.stop();
  }
  return EXIT_OK;
}

/** All rings being watched; new ones join, those gone for good leave. */
class WatchFleet {
  readonly #prefixes: readonly string[];
  readonly #watched = new Map<string, Watched>();

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  /** Looks who is there, and reports. */
  refresh(): WatchRow[] {
    const nowMonoNs = systemClock.monoNs();
    const infos = new Map(this.#prefixes.flatMap((prefix) => listRings(prefix)).map((info) => [info.name, info]));
    for (const name of this.#wanted(infos)) {
      const watched = this.#watched.get(name) ?? this.#join(name);
      watched.lastThereMonoNs = nowMonoNs;
    }
    for (const [name, watched] of this.#watched) {
      if (elapsedMs(watched.lastThereMonoNs, nowMonoNs) > KEEP_ABSENT_MS) {
        this.#watched.delete(name);
        watched.ending.abort();
      }
    }
    return [...this.#watched.values()]
      .map(({ watch }) => rowOf(watch, infos.get(watch.name)))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async stop(): Promise<void> {
    for (const { ending } of this.#watched.values()) {
      ending.abort();
    }
    await Promise.all([...this.#watched.values()].map(({ done }) => done));
  }

  /** Every ring there is, and each word that no ring begins with: it may be one yet to come. */
  #wanted(infos: ReadonlyMap<string, RingInfo>): string[] {
    const names = [...infos.keys()];
    const known = [...names, ...this.#watched.keys()];
    const missing = this.#prefixes.filter(
      (prefix) =>
        prefix !== "" && !infos.has(prefix) && !known.some((name) => name !== prefix && name.startsWith(prefix)),
    );
    return [...names, ...missing];
  }

  #join(name: string): Watched {
    const watch = new RingWatch(name, systemClock);
    const ending = new AbortController();
    const watched = { watch, ending, done: watch.start(ending.signal), lastThereMonoNs: 0n };
    this.#watched.set(name, watched);
    return watched;
  }
}

function rowOf(watch: RingWatch, info: RingInfo | undefined): WatchRow {
  const isSlots = info?.kind === "slots";
  return {
    ...watch.report(info),
    busy: isSlots ? info.busy : undefined,
    readers: isSlots ? readersOf(watch.name) : [],
  };
}

function showJson(rows: readonly WatchRow[]): void {
  process.stdout.write(`${watchJson(rows, systemClock.wallUs())}\n`);
}

function showPlain(rows: readonly WatchRow[]): void {
  process.stdout.write(`${watchLines(rows, Number.POSITIVE_INFINITY).join("\n")}\n`);
}

function drawer(): (rows: readonly WatchRow[]) => void {
  const screen = new Screen();
  return (rows) => screen.draw(rows.length === 0 ? ["No ring yet"] : watchLines(rows, outputWidthChars()));
}
