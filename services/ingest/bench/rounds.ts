/** Runs everything in turn, round after round, so that whatever else the machine does falls on all alike. */
import type { Pace } from "./cameras.ts";
import type { ReceiverName } from "./receivers/receiver.ts";
import { type Case, type Measured, runCase } from "./run-case.ts";

/** What is measured. receivers: ingest first, then those beside it. */
export type Settings = {
  streams: readonly number[];
  rounds: number;
  seconds: number;
  receivers: readonly ReceiverName[];
};

/** A case and what came of it, one entry a round. */
export type MeasuredCase = { key: Omit<Case, "seconds">; rounds: Measured[] };

const MBPS = 5;
/** A hundred small cameras: as many packets of other streams, a fifth of the bits. */
const SMALL = { streams: 100, mbpsEach: 1 };

/** The cases of one receiver. */
function casesOf(receiver: ReceiverName, streams: readonly number[]): MeasuredCase["key"][] {
  const even: Pace = "even";
  const cases = streams.map((count) => ({ receiver, streams: count, mbpsEach: MBPS, pace: even }));
  const most = Math.max(...streams);
  return [
    ...cases,
    ...(most >= SMALL.streams ? [{ receiver, ...SMALL, pace: even }] : []),
    ...(receiver === "ingest" ? [{ receiver, streams: most, mbpsEach: MBPS, pace: "burst" as const }] : []),
  ];
}

/** Measures all cases. say: called before each run, with what it is. */
export async function measure(settings: Settings, say: (what: string) => void): Promise<MeasuredCase[]> {
  const { streams, rounds, seconds, receivers } = settings;
  // The same number of streams of all receivers next to each other: what else runs on the machine changes with the minutes.
  const cases = receivers
    .flatMap((receiver) => casesOf(receiver, streams))
    .toSorted((a, b) => a.mbpsEach * a.streams - b.mbpsEach * b.streams)
    .map((key): MeasuredCase => ({ key, rounds: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { key, rounds: results }] of cases.entries()) {
      const what = `${key.receiver}, ${key.streams} × ${key.mbpsEach} Mbit/s, ${key.pace}`;
      say(`round ${round} of ${rounds}, ${index + 1} of ${cases.length}: ${what}`);
      results.push(await runCase({ ...key, seconds }));
    }
  }
  return cases;
}
