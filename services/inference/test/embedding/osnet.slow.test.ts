import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { clipPictures } from "../../eval/clip.ts";
import { parseSharedTruth } from "../../eval/shared-truth.ts";
import { regionOfThing } from "../../src/embedding/thing-region.ts";
import { type EmbeddingRig, likenessOf, openEmbeddingRig } from "./embedding-rig.ts";

const SHARED = process.env.LANTHORN_SHARED ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
const MODEL = join(SHARED, "models/osnet_x0_25_msmt17.onnx");
const CLIP = join(SHARED, "footage/one-by-one-person-detection.mp4");
const TRUTH = join(SHARED, "footage/one-by-one-person-detection.json");
const CLIP_SIZE = { widthPx: 768, heightPx: 432 };

/** A pack around the model, with the manifest that docs/ref/model-pack.md gives for it. */
async function makePack() {
  const folder = await mkdtemp(join(tmpdir(), "lanthorn-osnet-"));
  await cp(MODEL, join(folder, "model.onnx"));
  const reference = await readFile(new URL("../../../../docs/ref/model-pack.md", import.meta.url), "utf8");
  const [, manifest = ""] = /```json\n(.*?osnet.*?)```/s.exec(reference) ?? [];
  const sha256 = createHash("sha256")
    .update(await readFile(MODEL))
    .digest("hex");
  await writeFile(join(folder, "manifest.json"), manifest.replace("<of the file>", sha256));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A part of a picture, stretched to the model's size: the mean of two by two samples a pixel. */
function cutOut(rgb: Uint8Array, region: NonNullable<ReturnType<typeof regionOfThing>>, rig: EmbeddingRig): Uint8Array {
  const { heightPx, widthPx } = rig;
  return Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, at) => {
    const [x, y, colour] = [Math.floor(at / 3) % widthPx, Math.floor(at / 3 / widthPx), at % 3];
    let sum = 0;
    for (const [dx, dy] of [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ] as const) {
      const sourceX = region.xPx + Math.floor(((x + dx) * region.widthPx) / widthPx);
      const sourceY = region.yPx + Math.floor(((y + dy) * region.heightPx) / heightPx);
      sum += rgb[(sourceY * CLIP_SIZE.widthPx + sourceX) * 3 + colour] as number;
    }
    return sum / 4;
  });
}

test("OSNet, as an embedding pack, finds the views of one passage alike and those of other people less so", async (t) => {
  const missing = [MODEL, CLIP, TRUTH].find((file) => !existsSync(file));
  if (missing !== undefined) {
    t.skip(`SKIPPED: ${missing} is not there; set LANTHORN_SHARED to the shared data`);
    return;
  }
  await using pack = await makePack();
  await using rig = await openEmbeddingRig(pack.folder);
  const truth = parseSharedTruth(await readFile(TRUTH, "utf8"));
  const wanted = new Map(
    truth.passages.flatMap(({ fromFrame, id, toFrame }) => {
      const whole = truth.frames.filter(
        ({ ambiguous, frame, objects }) =>
          frame >= fromFrame && frame <= toFrame && !ambiguous && objects.length === 1 && objects[0]?.fullyVisible,
      );
      // The two that follow each other soonest, half a second apart, in the middle where there are several.
      const apart = (at: number) => (whole[at + 1]?.frame ?? Number.POSITIVE_INFINITY) - (whole[at]?.frame ?? 0);
      const soonest = Math.min(...whole.map((_, at) => apart(at)));
      const starts = [...whole.keys()].filter((at) => apart(at) === soonest);
      const start = starts[starts.length >> 1] ?? assert.fail(`no two frames of passage ${id}`);
      return whole
        .slice(start, start + 2)
        .map(({ frame, objects }) => [frame, { id, box: objects[0]?.box ?? assert.fail() }] as const);
    }),
  );
  const views: { id: string; values: Int8Array }[] = [];
  let frame = 0;
  for await (const rgb of clipPictures(CLIP, CLIP_SIZE)) {
    const view = wanted.get(frame++);
    const region = view && regionOfThing(view.box, CLIP_SIZE);
    if (view !== undefined && region !== undefined) {
      views.push({ id: view.id, values: await rig.embed(cutOut(rgb, region, rig)) });
    }
  }
  assert.equal(views.length, 12);
  const pairs = views.flatMap((one, at) => views.slice(at + 1).map((other) => [one, other] as const));
  const likeness = (isSame: boolean) =>
    pairs
      .filter(([one, other]) => (one.id === other.id) === isSame)
      .map(([one, other]) => likenessOf(one.values, other.values))
      .sort((a, b) => a - b);
  const [same, others] = [likeness(true), likeness(false)];
  const middle = (values: readonly number[]) => values[values.length >> 1] ?? 0;
  const words = `same passage ${same.map((value) => value.toFixed(3)).join(" ")}; others up to ${others.at(-1)?.toFixed(3)}, median ${middle(others).toFixed(3)}`;
  t.diagnostic(words);
  assert.ok((same[0] as number) > (others.at(-1) as number), `not apart: ${words}`);
  assert.ok(middle(same) >= 0.96 && middle(others) <= 0.65, words);
});
