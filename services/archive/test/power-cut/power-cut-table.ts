/** Plays the scene of power cuts and reads what each cost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { playScene } from "../support/played-scene.ts";
import type { CutCost } from "./power-cut-rig.ts";

/** A watchdog: what a series may take, and each of its cuts with the files that are played after it. */
const SERIES_MS = 180_000;
const CUT_MS = 60_000;

/** One line of the scene. */
export interface CutLine extends CutCost {
  readonly name: string;
  readonly style: string;
  readonly longestCommitMs: number;
}

/** What a series is made of. */
export interface CutSeries {
  readonly cameras: number;
  readonly cuts: number;
  readonly instants: readonly string[];
}

/** Plays a series with a seed of its own, which is said; writes a table. undefined: the test was skipped. Throws when something is not as promised. */
export function playCuts(context: TestContext, { cameras, cuts, instants }: CutSeries): CutLine[] | undefined {
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const said = playScene(context, {
    file: join(import.meta.dirname, "power-cut-scene.ts"),
    arguments: [String(cameras), String(cuts), String(seed), instants.join(",")],
    timeoutMs: SERIES_MS + cuts * CUT_MS,
  });
  if (said === undefined) {
    return undefined;
  }
  const lines = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CutLine);
  assert.equal(lines.length, cuts);
  for (const { name, style, cut, lossMs, readyMs, files, events } of lines) {
    context.diagnostic(
      `${name}, ${style}: ${cut.survivingSectors} of ${cut.unsyncedSectors} sectors survived; lost ${lossMs.toFixed(0)} ms, ready in ${readyMs.toFixed(0)} ms, ${files} files, ${events} events`,
    );
  }
  return lines;
}
