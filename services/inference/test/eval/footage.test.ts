import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runClip } from "../../eval/evaluate.ts";
import { linkPassages } from "../../eval/link-passages.ts";
import { type Score, scoreClip } from "../../eval/score.ts";
import { parseSharedTruth } from "../../eval/shared-truth.ts";
import { MOTION_PACK } from "../motion-rig.ts";

const SHARED = process.env.LANTHORN_SHARED ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));

/** Scores the motion pack on a clip of the shared footage; undefined, said loudly, where it is not there. */
async function scoreOf(t: TestContext, clip: string): Promise<Score | undefined> {
  const files = [clip, `${clip.replace(/\.\w+$/, "")}.json`].map((file) => `footage/${file}`);
  const missing = ["SHA256SUMS", ...files].find((file) => !existsSync(join(SHARED, file)));
  if (missing !== undefined) {
    t.skip(`SKIPPED: ${join(SHARED, missing)} is not there; set LANTHORN_SHARED to the shared data`);
    return undefined;
  }
  const sums = await readFile(join(SHARED, "SHA256SUMS"), "utf8");
  for (const file of files) {
    const sha256 = createHash("sha256")
      .update(await readFile(join(SHARED, file)))
      .digest("hex");
    assert.match(sums, new RegExp(`${sha256}\\s+\\*?(\\./)?${file.replaceAll(".", "\\.")}`), `${file} is another file`);
  }
  const [clipFile = "", truthFile = ""] = files.map((file) => join(SHARED, file));
  const parsed = parseSharedTruth(await readFile(truthFile, "utf8"));
  const truth = parsed.passages.length > 0 ? parsed : linkPassages(parsed);
  const run = await runClip({ clip: clipFile, packFolder: MOTION_PACK });
  assert.ok(run.frames > 300);
  return scoreClip(truth, run.boxes, 0.3);
}

test("six people, one after another: six events, and nothing else", async (t) => {
  const score = await scoreOf(t, "one-by-one-person-detection.mp4");
  if (score !== undefined) {
    assert.deepEqual(
      score.passages.map((passage) => passage.events),
      [1, 1, 1, 1, 1, 1],
    );
    assert.deepEqual([score.events, score.falseEvents], [6, 0]);
    assert.ok(score.recall01 >= 0.95 && score.precision01 >= 0.95, JSON.stringify(score));
  }
});

test("four cars from straight above, with exposure jumps: four events, and nothing else", async (t) => {
  const score = await scoreOf(t, "car-detection.mp4");
  if (score !== undefined) {
    assert.deepEqual([score.passagesFound, score.events, score.falseEvents], [4, 4, 0]);
    assert.ok(score.recall01 >= 0.95 && score.precision01 >= 0.95, JSON.stringify(score));
  }
});

test("a crowd of pedestrians: every passage is found, few events are false", async (t) => {
  const score = await scoreOf(t, "pets2009-pedestrians-480x360.avi");
  if (score !== undefined) {
    assert.equal(score.passagesFound, score.passages.length);
    assert.ok(score.passages.length > 25 && score.falseEvents <= 3, JSON.stringify(score));
    assert.ok(score.recall01 >= 0.7 && score.precision01 >= 0.75, JSON.stringify(score));
  }
});
