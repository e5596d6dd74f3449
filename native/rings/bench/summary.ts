/** From samples to the figures of BenchResult. Pure but for what it is told of the machine. */
import assert from "node:assert/strict";
import { budgetsOf } from "./budgets.ts";
import { type HandOverSamples, PEERS, type Peer, type WriterSamples } from "./hand-over.ts";
import { median, medianPercentiles, type Percentiles, percentile, percentilesUs } from "./percentiles.ts";
import type {
  BatchResult,
  BenchResult,
  CaseResult,
  LanguageResult,
  SizeResult,
  Slowdown,
  WakePoint,
  WriterResult,
} from "./result.ts";
import type { Measured, Measurements, Settings } from "./rounds.ts";

const NS_PER_US = 1000;

type Rounds = readonly HandOverSamples[];

const overRounds = (rounds: Rounds, samplesOf: (round: HandOverSamples) => number[]): Percentiles =>
  medianPercentiles(rounds.map((round) => percentilesUs(samplesOf(round))));
const ofWriter = (rounds: Rounds, name: "reserveNs" | "fillNs" | "publishNs" | "publishCpuNs" | "frameNs" | "cpuNs") =>
  overRounds(rounds, ({ writer }) => writer[name]);
const ofReaders = (rounds: Rounds, name: "wakeNs" | "leaseNs" | "peekNs") =>
  overRounds(rounds, ({ readers }) => readers.flatMap((reader) => reader[name]));
const touchedByReaders = (rounds: Rounds) =>
  Math.max(...rounds.flatMap(({ readers }) => readers.map(({ touchedBytesPerFrame = 0 }) => touchedBytesPerFrame)));
const touchedByWriter = (rounds: Rounds) => Math.max(...rounds.map(({ writer }) => writer.touchedBytesPerFrame));
/** The programs say -1 of what they cannot count. */
const orNull = (bytes: number) => (bytes < 0 ? null : bytes);

/** Of each frame that every reader took, nanoseconds until the last of them had it, and what its reserve had taken. */
function lastOf(
  { writer, readers }: HandOverSamples,
  name: "wakeNs" | "wholeNs",
): { lastNs: number; reserveNs: number }[] {
  const bySequence = readers.map(
    (reader) => new Map(reader.sequence.map((sequence, i) => [sequence, reader[name][i]])),
  );
  return writer.sequence.flatMap((sequence, i) => {
    const had = bySequence.map((reader) => reader.get(sequence) ?? Number.NaN);
    const lastNs = Math.max(...had);
    return Number.isNaN(lastNs) ? [] : [{ lastNs, reserveNs: writer.reserveNs[i] ?? 0 }];
  });
}

function missedFrames({ writer, readers }: HandOverSamples): number {
  return readers.reduce((sum, { sequence }) => sum + Math.max(0, writer.sequence.length - sequence.length), 0);
}

function caseOf({ key, rounds }: Measurements["cases"][number], sizes: Measurements["sizes"]): CaseResult {
  const unfilled = find(sizes, ({ format, heightPx }) => format === key.format && heightPx === 1080);
  return {
    ...key,
    frames: rounds.reduce((sum, { writer }) => sum + writer.sequence.length, 0),
    reserveUs: ofWriter(rounds, "reserveNs"),
    fillUs: ofWriter(rounds, "fillNs"),
    publishUs: ofWriter(rounds, "publishNs"),
    publishCpuUs: ofWriter(rounds, "publishCpuNs"),
    acquireUs: ofReaders(rounds, "leaseNs"),
    peekUs: ofReaders(rounds, "peekNs"),
    wakeUs: ofReaders(rounds, "wakeNs"),
    wakeLastUs: overRounds(rounds, (round) => lastOf(round, "wakeNs").map(({ lastNs }) => lastNs)),
    bytesCopiedPerFrame: touchedByReaders(rounds) + touchedByWriter(unfilled.rounds),
    busyFrames: rounds.reduce((sum, { writer }) => sum + writer.busy, 0),
    missedFrames: rounds.reduce((sum, round) => sum + missedFrames(round), 0),
  };
}

function find<Key>(list: readonly Measured<Key>[], isWanted: (key: Key) => boolean): Measured<Key> {
  const found = list.find(({ key }) => isWanted(key));
  assert.ok(found, "a figure was asked of what was not measured");
  return found;
}

function languageOf(reader: string, rounds: Rounds): LanguageResult {
  return { reader, acquireUs: ofReaders(rounds, "leaseNs"), wakeUs: ofReaders(rounds, "wakeNs") };
}

function batchOf(rounds: Rounds): BatchResult {
  return {
    publishUs: ofWriter(rounds, "publishNs"),
    publishCpuUs: ofWriter(rounds, "publishCpuNs"),
    wakeUs: ofReaders(rounds, "wakeNs"),
  };
}

function sizeOf({ key, rounds }: Measurements["sizes"][number]): SizeResult {
  return {
    widthPx: key.widthPx,
    heightPx: key.heightPx,
    frameBytes: rounds[0]?.writer.frameBytes ?? 0,
    reserveUs: ofWriter(rounds, "reserveNs"),
    publishUs: ofWriter(rounds, "publishNs"),
    acquireUs: ofReaders(rounds, "leaseNs"),
    readerTouchedBytesPerFrame: orNull(touchedByReaders(rounds)),
    writerTouchedBytesPerFrame: orNull(touchedByWriter(rounds)),
  };
}

/** The writer's runs: those made for it, and the cases, whose readers only take. */
function writerRuns({ writer, cases }: Measurements): Measurements["writer"] {
  const paced = cases
    .filter(({ key }) => key.format === "rgb24")
    .map(({ key, rounds }) => ({ key: { readers: key.readers, touching: false, pace: "paced" as const }, rounds }));
  return [...writer, ...paced].toSorted((a, b) => a.key.readers - b.key.readers);
}

const middleUs = (writer: WriterSamples, name: "frameNs" | "cpuNs") => percentile(writer[name], 0.5) / NS_PER_US;

function writerOf({ key, rounds }: Measurements["writer"][number]): WriterResult {
  const wallUs = median(rounds.map(({ writer }) => middleUs(writer, "frameNs")));
  return { ...key, wallUs, cpuUs: median(rounds.map(({ writer }) => middleUs(writer, "cpuNs"))) };
}

/** Ten readers against one of the same round, then the middle of the rounds. */
function slowdownsOf(runs: Measurements["writer"]): Slowdown[] {
  const kinds = [
    { pace: "unpaced", touching: false },
    { pace: "unpaced", touching: true },
    { pace: "paced", touching: false },
    { pace: "paced", touching: true },
  ] as const;
  return kinds.map((kind) => {
    const of = (readers: number) =>
      find(runs, (key) => key.readers === readers && key.pace === kind.pace && key.touching === kind.touching).rounds;
    const ratio = (name: "frameNs" | "cpuNs") =>
      median(
        of(10).map(({ writer }, i) => middleUs(writer, name) / middleUs((of(1)[i] ?? assert.fail()).writer, name)),
      );
    return { ...kind, wall: ratio("frameNs"), cpu: ratio("cpuNs") };
  });
}

function oursOf(rounds: Rounds): { handOver: number; withFill: number } {
  return {
    handOver: overRounds(rounds, (round) => lastOf(round, "wakeNs").map(({ lastNs, reserveNs }) => lastNs + reserveNs))
      .p50,
    withFill: overRounds(rounds, (round) => lastOf(round, "wholeNs").map(({ lastNs }) => lastNs)).p50,
  };
}

function peersOf({ peers }: Measurements, readers: number): Record<`${Peer}Us`, number> {
  const figures = PEERS.map((peer) => {
    const measured = peers.find((one) => one.peer === peer && one.readers === readers) ?? assert.fail();
    return [`${peer}Us`, median(measured.rounds.map((round) => percentile(round, 0.5))) / NS_PER_US];
  });
  return Object.fromEntries(figures);
}

const FRACTIONS = [0.01, ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.97, 0.98, 0.99, 0.995, 0.999];

function distributionOf({ key, rounds }: Measurements["cases"][number]): { readers: number; points: WakePoint[] } {
  const all = rounds.flatMap(({ readers }) => readers.flatMap(({ wakeNs }) => wakeNs));
  return {
    readers: key.readers,
    points: FRACTIONS.map((fraction) => [percentile(all, fraction) / NS_PER_US, fraction]),
  };
}

/** All figures. */
export function summarize(
  machine: BenchResult["machine"],
  settings: Settings,
  measurements: Measurements,
): BenchResult {
  const rgb24 = (readers: number) =>
    find(measurements.cases, (key) => key.format === "rgb24" && key.readers === readers);
  const cases = measurements.cases.map((one) => caseOf(one, measurements.sizes));
  const runs = writerRuns(measurements);
  const slowdowns = slowdownsOf(runs);
  const oursUs = oursOf(rgb24(1).rounds);
  const peers = peersOf(measurements, 1);
  const alone = cases.find(({ format, readers }) => format === "rgb24" && readers === 1) ?? assert.fail();
  const callsUs = alone.reserveUs.p50 + alone.publishUs.p50 + alone.acquireUs.p50;
  const result = {
    machine,
    settings,
    cases,
    languages: [
      languageOf("core", rgb24(1).rounds),
      ...measurements.languages.map(({ key, rounds }) => languageOf(key.reader, rounds)),
    ],
    sizes: measurements.sizes.filter(({ key }) => key.format === "rgb24").map(sizeOf),
    copyingReaderBytesPerFrame: touchedByReaders(measurements.copying.flatMap(({ rounds }) => rounds)),
    batchReaders: batchOf(measurements.batch.flatMap(({ rounds }) => rounds)),
    writer: runs.map(writerOf),
    slowdowns,
    writerSlowdown1to10: slowdowns.find(({ pace, touching }) => pace === "unpaced" && !touching)?.wall ?? assert.fail(),
    oursUs,
    ours10ReadersUs: oursOf(rgb24(10).rounds),
    peers,
    peers10Readers: peersOf(measurements, 10),
    ratioToQueue: oursUs.handOver / peers.mpQueueUs,
    ratioToQueueWithFill: oursUs.withFill / peers.mpQueueUs,
    callsUs,
    callsRatioToQueue: callsUs / peers.mpQueueUs,
    wakeDistribution: measurements.cases.filter(({ key }) => key.format === "rgb24").map(distributionOf),
  };
  return { ...result, budgets: budgetsOf(result) };
}
