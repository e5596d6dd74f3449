/**
 * Cuts the power of an archive under cameras, again and again. Arguments: cameras, cuts, seed, instants (of INSTANTS, joined by commas).
 * Writes a line of JSON for each cut.
 */
import assert from "node:assert/strict";
import { complaintsOf } from "../support/archive-rig.ts";
import { seeded } from "../support/crash-matrix.ts";
import { filesOf } from "../support/recording-on-disk.ts";
import { CUT_STYLES, type CutInstant } from "./forgetful-disk.ts";
import { PowerCutRig } from "./power-cut-rig.ts";

/** Words of ours in the file system's writes: a segment's index, a row marked for deletion, an event's row, a picture. */
const BYTES: Readonly<Record<string, string>> = {
  closing: "mfra",
  deleting: "deleting",
  event: "motion",
  picture: "JFIF",
};

const [cameraCount = "8", cutCount = "3", seedText = "1", instantNames = "random"] = process.argv.slice(2);
const environment: Record<string, string> = JSON.parse(process.argv[6] ?? "{}");
const random = seeded(Number(seedText));
const below = (limit: number) => Math.floor(random() * limit);
const cameras = Array.from({ length: Number(cameraCount) }, (_, index) => `camera${index + 1}`);

function instantOf(name: string): CutInstant | undefined {
  const bytes = BYTES[name];
  if (name === "random") {
    return undefined;
  }
  return bytes === undefined
    ? { at: name === "sync" ? "syncs" : "writes", count: 1 + below(30) }
    : { at: "bytes", bytes, count: 1 + below(6) };
}

async function assertPlays(stateDir: string, newest: number): Promise<void> {
  for (const camera of cameras) {
    const files = filesOf(stateDir, camera).slice(0, newest);
    assert.ok(files.length > 0, `${camera} has no files`);
    for (const file of files) {
      assert.equal(await complaintsOf(file), "", file);
    }
  }
}

const power = await PowerCutRig.make({ cameras, environment });
try {
  const names = instantNames.split(",");
  for (let number = 0; number < Number(cutCount); number++) {
    const name = names[number % names.length] ?? "random";
    const style = CUT_STYLES[below(CUT_STYLES.length)] ?? "none";
    const instant = instantOf(name);
    const when = { beforeMs: 500 + below(4000), ...(instant === undefined ? {} : { instant }) };
    const cost = await power.cutOnce(style, below(2 ** 31), when);
    process.stdout.write(`${JSON.stringify({ name, style, ...cost, longestCommitMs: power.longestCommitMs })}\n`);
  }
  await power.rig.archive.stop();
  await assertPlays(power.rig.stateDir, Number.POSITIVE_INFINITY);
} catch (error) {
  process.stdout.write(`${power.rig.archive.log().slice(-20_000)}\n${(error as Error).stack}\n`);
  throw error;
} finally {
  await power[Symbol.asyncDispose]();
}
