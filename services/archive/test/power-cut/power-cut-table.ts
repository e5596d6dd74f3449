/** Plays the scene of power cuts and reads what each cost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { playScene } from "../support/played-scene.ts";
import type { SeriesSummary } from "../support/sound-archive.ts";
import type { CutCost } from "./power-cut-rig.ts";

/** A watchdog: what a series may take, and each of its cuts with the files that are played after it. */
const SERIES_MS = 180_000;
const CUT_MS = 60_000;

/** One cut of a series. */
export interface CutLine extends CutCost {
  readonly name: string;
  readonly style: string;
}

/** What a series cost. */
export interface CutSummary extends SeriesSummary {
  /** Cuts at which something was not synced. */
  readonly unsyncedCuts: number;
  readonly longestCommitMs: number;
}

/** What a series is made of. */
export interface CutSeries {
  readonly cameras: number;
  readonly cuts: number;
  readonly instants: readonly string[];
  /** Whether seconds are held to whatever a commit took: not where other tests run beside. */
  readonly isTimed: boolean;
  /** Variables of the archive's process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Plays a series with a seed of its own, which is said; writes a table. undefined: the test was skipped. Throws when something is not as promised. */
export async function playCuts(context: TestContext, series: CutSeries): Promise<CutSummary | undefined> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const said = await playScene(context, {
    file: join(import.meta.dirname, "power-cut-scene.ts"),
    arguments: [JSON.stringify({ ...series, seed })],
    timeoutMs: SERIES_MS + series.cuts * CUT_MS,
  });
  if (said === undefined) {
    return undefined;
  }
  const lines = said.trim().split("\n");
  const summary = JSON.parse(lines.pop() ?? "") as CutSummary;
  assert.equal(lines.length, series.cuts);
  assert.equal(summary.faults, series.cuts);
  for (const { name, style, cut, lossS, upS } of lines.map((line) => JSON.parse(line) as CutLine)) {
    context.diagnostic(
      `${name}, ${style}: ${cut.survivingSectors} of ${cut.unsyncedSectors} sectors survived; lost ${lossS.toFixed(2)} s, ready in ${upS.toFixed(2)} s`,
    );
  }
  context.diagnostic(JSON.stringify({ ...series, ...summary }));
  return summary;
}
