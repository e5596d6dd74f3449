/** From what the rounds measured to the figures that are shown. Pure. */
import assert from "node:assert/strict";
import { LATENCY_MS } from "./cameras.ts";
import type { ArchiveOnResult, BenchResult, CaseResult, SearchResult } from "./result.ts";
import type { MeasuredCase, Settings } from "./rounds.ts";
import type { Measured } from "./run-case.ts";

const BITS_OF_MESSAGE = 1316 * 8;

/** The middle one; of two in the middle the lower. */
export function median(values: readonly number[]): number {
  assert.ok(values.length > 0, "a figure was asked of nothing");
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] as number;
}

/** Four significant digits: more, such measurements cannot carry. */
const rounded = (value: number) => Number(value.toPrecision(4));

function caseOf({ key, rounds }: MeasuredCase): CaseResult {
  const middle = (of: (round: Measured) => number) => rounded(median(rounds.map(of)));
  const sum = (of: (round: Measured) => number) => rounds.reduce((all, round) => all + of(round), 0);
  const gaps = rounds.flatMap(({ received }) => received.continuityErrors ?? []);
  const threads = new Set(rounds.flatMap((round) => Object.keys(round.threads)));
  const { streams, mbpsEach, pace } = key;
  const mbps = (packets: number, { sent }: Measured) => (packets * BITS_OF_MESSAGE) / sent.seconds / 1e6;
  const cpuCoresIngest = middle((round) => round.cpuCoresIngest);
  return {
    ...{ streams, mbpsEach, pace },
    offeredMbps: middle((round) => mbps(round.sent.pktSent, round)),
    receivedMbps: middle((round) => mbps(round.received.pktReceived, round)),
    pktLost: sum(({ received }) => received.pktLost),
    pktDropped: sum(({ received }) => received.pktDropped),
    missingPercent: rounded(
      (100 * sum(({ sent, received }) => Math.max(0, sent.pktSent - received.pktReceived))) /
        sum(({ sent }) => sent.pktSent),
    ),
    udpBufferDrops: sum((round) => round.udpBufferDrops),
    continuityErrors: gaps.length === 0 ? null : gaps.reduce((all, one) => all + one, 0),
    cpuCoresIngest,
    cpuCoresPerStream: rounded(cpuCoresIngest / streams),
    cpuCoresSenders: middle((round) => round.cpuCoresSenders),
    cpuCoresOthers: middle((round) => round.cpuCoresOthers),
    rssMiB: middle(({ rssMiB }) => rssMiB),
    pssMiB: middle(({ pssMiB }) => pssMiB),
    sendersLateMaxMs: rounded(Math.max(...rounds.map(({ sent }) => sent.lateMaxMs))),
    threads: Object.fromEntries(
      [...threads]
        .map((name): [string, number] => [name, middle((round) => round.threads[name] ?? 0)])
        .filter(([, cores]) => cores >= 0.001),
    ),
  };
}

/** All figures. */
export function summarize(
  machine: BenchResult["machine"],
  { rounds, seconds }: Pick<Settings, "rounds" | "seconds">,
  measured: readonly MeasuredCase[],
  searches: readonly SearchResult[],
  archiveOn: readonly ArchiveOnResult[],
): BenchResult {
  const of = (name: MeasuredCase["key"]["receiver"]) => measured.filter(({ key }) => key.receiver === name).map(caseOf);
  const most = (name: SearchResult["receiver"]) =>
    searches.find(({ receiver }) => receiver === name)?.maxStreams ?? null;
  return {
    machine,
    settings: { rounds, seconds, latencyMs: LATENCY_MS },
    cases: of("ingest"),
    peers: { srtLiveTransmit: of("srtLiveTransmit"), ffmpeg: of("ffmpeg"), plainLibsrt: of("plainLibsrt") },
    archiveOn: [...archiveOn],
    maxStreamsZeroLossAt5Mbps: most("ingest"),
    plainLibsrtMaxStreams: most("plainLibsrt"),
    searches: [...searches],
  };
}
