/** Kills the archive at random instants, again and again; the runner of `npm start` starts it again, and each kill is judged. */
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";
import { KeptArchive } from "./kept-archive.ts";
import { endsOnDiskUs } from "./recording-on-disk.ts";
import { type SeriesSummary, SoundArchive, type SoundLimits, tellProgress } from "./sound-archive.ts";

/** What a series of kills cost. */
export interface CrashReport extends SeriesSummary {
  /** Kills that came while the archive was starting after another. */
  readonly killsWhileStarting: number;
  /** From a kill until every camera has something durable of after it, seconds. */
  readonly worstRecordsS: number;
  /** What is missing in the timelines in the end, seconds over all cameras. */
  readonly gapS: number;
}

/** A series. */
export interface CrashSeries {
  readonly cameras: readonly string[];
  readonly kills: number;
  /** 0..1, seeded by the caller, so that a failure can be repeated. */
  readonly random: () => number;
  /** Share of the kills that are followed by another one while the archive starts; 0..1. */
  readonly twice01: number;
  readonly limits?: SoundLimits;
}

const WATCHDOG_MS = 120_000;
/** Between questions: asking costs the archive time too. */
const ASK_MS = 50;
/** A start takes about so long, recovery included; the second kill comes at a random instant of it. */
const START_MS = 900;

/** Runs the series. */
export async function runCrashMatrix(series: CrashSeries): Promise<CrashReport> {
  const { cameras, kills, random } = series;
  await using rig = new ArchiveRig();
  for (const [index, camera] of cameras.entries()) {
    await rig.feed(camera, { gopFrames: [25, 50, 100][index % 3] ?? 25, audio: index % 2 === 0 ? "aac" : "none" });
  }
  using sound = new SoundArchive(rig, cameras);
  const archive = await KeptArchive.start(rig);
  const costs = { killsWhileStarting: 0, worstRecordsS: 0, gapS: 0 };
  try {
    await recorded(rig, 1);
    for (let kill = 1; kill <= kills; kill++) {
      await systemClock.sleep(200 + random() * 1500);
      const cost = await killOnce(rig, archive, series);
      costs.killsWhileStarting += cost.killsWhileStarting;
      costs.worstRecordsS = Math.max(costs.worstRecordsS, cost.recordsS);
      const gaps = await sound.newGapsS();
      costs.gapS += [...gaps.values()].reduce((sum, seconds) => sum + seconds, 0);
      const lossS = new Map([...cost.lossS].map(([camera, lost]) => [camera, Math.max(lost, gaps.get(camera) ?? 0)]));
      await sound.judge({ fault: `kill ${kill}`, lossS, upS: cost.upS }, series.limits);
      tellProgress(`kill ${kill} of ${kills}: ${JSON.stringify({ ...sound.summary, ...costs })}`);
    }
    await archive.stop();
    await sound.judgeAtRest();
    return { ...sound.summary, ...costs };
  } catch (error) {
    tellProgress(archive.log().slice(-20_000));
    throw error;
  } finally {
    await archive.powerOff();
  }
}

/** Kills once, or twice, and waits until all is recorded again. Loss: from the newest whole fragment on disk to the kill. */
async function killOnce(rig: ArchiveRig, archive: KeptArchive, { cameras, random, twice01 }: CrashSeries) {
  const lossS = new Map<string, number>();
  const isTwice = random() < twice01;
  const startMs = random() * START_MS;
  const { starts } = archive;
  const firstUs = await archive.kill9();
  for (const [camera, endUs] of await endsOnDiskUs(rig.stateDir, cameras)) {
    lossS.set(camera, (firstUs - endUs) / 1e6);
  }
  let killedUs = firstUs;
  if (isTwice) {
    await archive.startedAfter(starts);
    await systemClock.sleep(startMs);
    killedUs = await archive.kill9();
  }
  const upS = ((await archive.readyAfter(killedUs)) - killedUs) / 1e6;
  await recorded(rig, 0);
  const recordsS = (systemClock.wallUs() - killedUs) / 1e6;
  return { lossS, upS, recordsS, killsWhileStarting: isTwice ? 1 : 0 };
}

/** Waits until the process of now has made more than so many seconds of each camera durable. */
async function recorded(rig: ArchiveRig, seconds: number): Promise<void> {
  await waitUntil(
    "each camera to be recorded",
    async () => {
      const status = await rig.status().catch(() => undefined);
      const isSo = status?.cameras.every(({ recordedS }) => recordedS > seconds) === true;
      await systemClock.sleep(isSo ? 0 : ASK_MS);
      return isSo;
    },
    WATCHDOG_MS,
  );
}

/** A small generator with a seed (mulberry32), so that a failing series can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296; // 2^32
  };
}
