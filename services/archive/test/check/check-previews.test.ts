/** P1 finds every kind of damage to previews, and calls what the next start settles a note. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkPreviews } from "../../src/check/check-previews.ts";
import { Findings } from "../../src/check/findings.ts";
import { ENTRY_BYTES, FILE_HEAD_BYTES } from "../../src/previews/preview-entry.ts";
import { PreviewPacks } from "../../src/previews/preview-packs.ts";
import { previewFilesOf } from "../../src/previews/preview-paths.ts";
import { dayNumberOf } from "../../src/recording/recording-paths.ts";
import { DAY_US, picture, T0 } from "../previews/made-previews.ts";

const DAYS = 3;
const PICTURES = 6;

/** Three days of pictures. */
class Scene {
  readonly stateDir = mkdtempSync(join(tmpdir(), "lanthorn-check-previews-"));
  readonly oldest = previewFilesOf(this.stateDir, "street", dayNumberOf(T0));
  readonly newest = previewFilesOf(this.stateDir, "street", dayNumberOf(T0) + DAYS - 1);

  static async make(): Promise<Scene> {
    const scene = new Scene();
    const packs = new PreviewPacks(scene.stateDir);
    for (let number = 0; number < DAYS * PICTURES; number++) {
      const day = Math.floor(number / PICTURES);
      await packs.append("street", picture(T0 + day * DAY_US + (number % PICTURES) * 1e6));
    }
    await packs.close();
    return scene;
  }

  async check(): Promise<Findings> {
    const findings = new Findings();
    await checkPreviews(this.stateDir, findings);
    return findings;
  }

  [Symbol.dispose](): void {
    rmSync(this.stateDir, { recursive: true });
  }
}

function change(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test("previews that were written are clean, and all are looked at", async () => {
  using scene = await Scene.make();
  const findings = await scene.check();
  assert.deepEqual([findings.faults, findings.notes, findings.counts.previews], [[], [], DAYS * PICTURES]);
});

for (const [what, damage, detail] of [
  ["a bit of a picture", (s: Scene) => change(s.oldest.pack, FILE_HEAD_BYTES + ENTRY_BYTES + 50), /no whole JPEG/],
  ["a bit of an entry", (s: Scene) => change(s.oldest.index, FILE_HEAD_BYTES + ENTRY_BYTES + 9), /checksum/],
  [
    "a bit of an entry in the pack",
    (s: Scene) => change(s.oldest.pack, FILE_HEAD_BYTES + 3),
    /pack says something else/,
  ],
  ["the head of an index", (s: Scene) => change(s.oldest.index, 0), /head/],
  ["an index", (s: Scene) => rmSync(s.oldest.index), /head/],
  ["a pack", (s: Scene) => rmSync(s.oldest.pack), /head/],
  [
    "half an entry",
    (s: Scene) => truncateSync(s.oldest.index, FILE_HEAD_BYTES + 2 * ENTRY_BYTES + 5),
    /not in its index/,
  ],
  ["the right day", (s: Scene) => moveDay(s), /another day/],
  ["a file of ours", (s: Scene) => writeFileSync(join(s.stateDir, "previews/street/x.jpg"), ""), /neither a pack/],
  ["a camera's name", (s: Scene) => mkdirSync(join(s.stateDir, "previews/Not A Camera")), /not named for a camera/],
] as const) {
  test(`it is a fault when ${what} is missing or wrong in a day that is over`, async () => {
    using scene = await Scene.make();
    damage(scene);
    const { faults } = await scene.check();
    assert.ok(faults.length > 0);
    assert.equal(faults[0]?.invariant, "P1");
    assert.match(faults[0]?.detail ?? "", detail);
  });
}

function moveDay(scene: Scene): void {
  const earlier = previewFilesOf(scene.stateDir, "street", dayNumberOf(T0) - 9);
  renameSync(scene.oldest.pack, earlier.pack);
  renameSync(scene.oldest.index, earlier.index);
}

test("a torn tail of the newest day is a note, and gone after the next start", async () => {
  using scene = await Scene.make();
  truncateSync(scene.newest.pack, readFileSync(scene.newest.pack).length - 20);
  const torn = await scene.check();
  assert.deepEqual(torn.faults, []);
  assert.equal(torn.notes.length, 1);
  const packs = new PreviewPacks(scene.stateDir);
  await packs.recover("street", dayNumberOf(T0) + DAYS - 1);
  await packs.close();
  const settled = await scene.check();
  assert.deepEqual([settled.faults, settled.notes], [[], []]);
  assert.equal(settled.counts.previews, DAYS * PICTURES - 1);
});
