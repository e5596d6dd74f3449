/** Previews go with their footage. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PreviewPacks } from "../../src/previews/preview-packs.ts";
import { prunePreviews } from "../../src/previews/preview-pruning.ts";
import { dayNumberOf } from "../../src/recording/recording-paths.ts";
import { DAY_US, picture, T0 } from "./made-previews.ts";

test("days without footage lose their previews, whichever they are; today's and yesterday's wait for theirs", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-prune-"));
  try {
    const packs = new PreviewPacks(stateDir);
    for (const camera of ["street", "yard"]) {
      for (let day = 0; day < 6; day++) {
        await packs.append(camera, picture(T0 + day * DAY_US));
      }
    }
    await packs.append("street", picture(T0 + 400 * DAY_US)); // the clock was wrong for a while
    await packs.close();
    const protectedDay = dayNumberOf(T0) + 1; // a clip in the middle keeps its day, and only that
    const deleted = await prunePreviews({
      stateDir,
      nowUs: T0 + 5 * DAY_US,
      hasFootage: (camera, fromUs, toUs) => {
        assert.equal(toUs - fromUs, DAY_US);
        return camera === "street" && dayNumberOf(fromUs) === protectedDay;
      },
    });
    const days = (camera: string) =>
      readdirSync(join(stateDir, "previews", camera)).filter((name) => name.endsWith(".jpegs")).length;
    assert.equal(days("street"), 3);
    assert.equal(days("yard"), 2);
    assert.equal(deleted, 2 * (4 + 4));
    await prunePreviews({ stateDir, nowUs: T0 + 50 * DAY_US, hasFootage: () => false });
    assert.deepEqual(readdirSync(join(stateDir, "previews")), []);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});
