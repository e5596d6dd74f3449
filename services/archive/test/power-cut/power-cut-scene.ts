/**
 * Cuts the power of an archive under cameras, again and again. Argument: a CutSeries as JSON.
 * Writes a line of JSON for each cut, then one of the whole series; ends with 1 when something is not as promised, and says what.
 */
import { seeded } from "../support/crash-matrix.ts";
import { LOSS_MAX_S, tellProgress } from "../support/sound-archive.ts";
import { CUT_STYLES, type CutInstant } from "./forgetful-disk.ts";
import { PowerCutRig } from "./power-cut-rig.ts";
import type { CutLine, CutSeries } from "./power-cut-table.ts";

/** Words of ours in the file system's writes: a segment's index, a row marked for deletion, an event's row, a picture. */
const BYTES: Readonly<Record<string, string>> = {
  closing: "mfra",
  deleting: "deleting",
  event: "motion",
  picture: "JFIF",
};
/** The promise of loss holds as long as a commit takes less (docs/design/archive.md#writing), milliseconds. */
const COMMIT_MAX_MS = 800;

const series: CutSeries & { seed: number } = JSON.parse(process.argv[2] ?? "{}");
const random = seeded(series.seed);
const below = (limit: number) => Math.floor(random() * limit);
const cameras = Array.from({ length: series.cameras }, (_, index) => `camera${index + 1}`);

function instantOf(name: string): CutInstant | undefined {
  const bytes = BYTES[name];
  if (name === "random") {
    return undefined;
  }
  return bytes === undefined
    ? { at: name === "sync" ? "syncs" : "writes", count: 1 + below(30) }
    : { at: "bytes", bytes, count: 1 + below(6) };
}

/** On a machine with other work a commit may take long, and the start too. */
const relaxed = (longestCommitMs: number) => ({
  lossMaxS: LOSS_MAX_S + Math.max(0, longestCommitMs - COMMIT_MAX_MS) / 1000,
  upMaxS: Number.POSITIVE_INFINITY,
});

const power = await PowerCutRig.make({
  cameras,
  environment: series.environment ?? {},
  ...(series.isTimed ? {} : { limits: relaxed }),
});
try {
  let unsyncedCuts = 0;
  for (let number = 0; number < series.cuts; number++) {
    const name = series.instants[number % series.instants.length] ?? "random";
    const style = CUT_STYLES[below(CUT_STYLES.length)] ?? "none";
    const instant = instantOf(name);
    const cost = await power.cutOnce({ style, seed: below(2 ** 31), beforeMs: 500 + below(4000), instant });
    unsyncedCuts += cost.cut.unsyncedSectors > 0 ? 1 : 0;
    const line: CutLine = { name, style, ...cost };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    tellProgress(`cut ${number + 1} of ${series.cuts}: ${JSON.stringify({ ...power.sound.summary, unsyncedCuts })}`);
  }
  await power.end();
  const { longestCommitMs } = power;
  process.stdout.write(`${JSON.stringify({ ...power.sound.summary, unsyncedCuts, longestCommitMs })}\n`);
} catch (error) {
  process.stdout.write(`${power.log().slice(-20_000)}\n${(error as Error).stack}\n`);
  process.exitCode = 1;
} finally {
  await power[Symbol.asyncDispose]();
}
