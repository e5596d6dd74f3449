/** How many streams come whole: the largest number with no packet lost, found by trying, in a bounded number of runs. */
import type { ReceiverName } from "./receivers/receiver.ts";
import type { SearchResult } from "./result.ts";
import { type Measured, runCase } from "./run-case.ts";

/** Streams between two numbers that are told apart. */
const STEP = 5;
/** Where it ends though more would come. */
const MOST = 400;
const GROWTH = 1.25;
const MBPS = 5;
/** Senders that send less than this part of their rate are themselves the limit, and the try shows nothing of the receiver. */
const RATE_PART_MIN = 0.99;
/** A number counts as failed when this many runs in turn failed: other work on the machine can spoil a run. */
const TRIES = 2;
/** The number found is run so often again, and must come whole each time. */
const CONFIRMATIONS = 2;

/** Whether every packet of a stream at full rate came, and none had to come twice. */
export function isWhole({ sent, received }: Measured, streams: number, mbpsEach: number): boolean {
  const offered = (sent.pktSent * 1316 * 8) / sent.seconds / 1e6;
  return (
    received.pktLost === 0 &&
    received.pktDropped === 0 &&
    received.pktReceived >= sent.pktSent &&
    offered >= streams * mbpsEach * RATE_PART_MIN
  );
}

/** How a search goes. run: whether so many streams came whole; undefined: there is no time or run left. */
export interface SearchOptions {
  readonly from: number;
  readonly run: (streams: number) => Promise<boolean | undefined>;
}

/** The largest number of streams, and how it was found. isConfirmed: false where runs or time ended before. */
export async function findMost({ from, run }: SearchOptions): Promise<{ maxStreams: number; isConfirmed: boolean }> {
  const toStep = (streams: number) => Math.max(STEP, Math.round(streams / STEP) * STEP);
  const wholeAt: number[] = [];
  let bad = MOST + STEP;
  for (;;) {
    let good = wholeAt.filter((streams) => streams < bad).reduce((most, streams) => Math.max(most, streams), 0);
    for (let next = good === 0 ? toStep(Math.min(from, bad - STEP)) : between(good, bad); next > good && next < bad; ) {
      const whole = await repeated(run, next, TRIES, true);
      if (whole === undefined) {
        return { maxStreams: good, isConfirmed: false };
      }
      if (whole) {
        good = next;
        wholeAt.push(next);
      } else {
        bad = next;
      }
      next = between(good, bad);
    }
    const confirmed = good === 0 ? true : await repeated(run, good, CONFIRMATIONS, false);
    if (confirmed !== false) {
      return { maxStreams: good, isConfirmed: confirmed === true };
    }
    bad = good; // it had been luck
  }

  function between(low: number, high: number): number {
    return high > MOST ? Math.min(MOST, toStep(low * GROWTH)) : toStep((low + high) / 2);
  }
}

/** Runs until one run ends as `until` says, at most `times`: that, or its opposite. undefined: no run was left. */
async function repeated(
  run: SearchOptions["run"],
  streams: number,
  times: number,
  until: boolean,
): Promise<boolean | undefined> {
  for (let i = 0; i < times; i += 1) {
    const whole = await run(streams);
    if (whole === undefined || whole === until) {
      return whole;
    }
  }
  return !until;
}

/** Bounds of a search. */
export interface SearchBounds {
  readonly receiver: ReceiverName;
  readonly seconds: number;
  readonly from: number;
  readonly maxRuns: number;
  /** Monotonic seconds after which no further run begins. */
  readonly endsAtS: number;
  readonly nowS: () => number;
}

/** Searches with real runs. say: called before each. */
export async function search(bounds: SearchBounds, say: (what: string) => void): Promise<SearchResult> {
  const { receiver, seconds, maxRuns, endsAtS, nowS } = bounds;
  const tries: SearchResult["tries"] = [];
  const run = async (streams: number): Promise<boolean | undefined> => {
    if (tries.length >= maxRuns || nowS() >= endsAtS) {
      return undefined;
    }
    say(`search, ${receiver}: ${streams} streams, run ${tries.length + 1} of at most ${maxRuns}`);
    const key = { receiver, streams, mbpsEach: MBPS, pace: "even", seconds } as const;
    const measured = await runCase(key).catch(() => undefined);
    const whole = measured !== undefined && isWhole(measured, streams, MBPS);
    tries.push({ streams, isWhole: whole });
    return whole;
  };
  return { receiver, ...(await findMost({ from: bounds.from, run })), tries };
}
