import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LanthornError } from "@lanthorn/base";
import { loadPack } from "../../src/packs/load-pack.ts";
import { MOTION_PACK } from "../motion-rig.ts";

/** A copy of the motion pack whose manifest was changed. */
async function copyOfPack(change: (manifest: Record<string, unknown>) => unknown = () => {}) {
  const folder = await mkdtemp(join(tmpdir(), "lanthorn-pack-"));
  await cp(MOTION_PACK, folder, { recursive: true });
  const file = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(change(manifest) ?? manifest));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function fault(code: string, ...words: RegExp[]) {
  return (error: LanthornError) => {
    assert.equal(error.code, code, error.message);
    for (const word of words) {
      assert.match(error.message, word);
    }
    return true;
  };
}

test("the built-in pack loads", async () => {
  const { manifest, model } = await loadPack(MOTION_PACK);
  assert.equal(manifest.name, "motion");
  assert.ok(model.length > 1000);
});

test("a model that is not the one its manifest means is refused with both hashes", async () => {
  await using pack = await copyOfPack();
  await writeFile(join(pack.folder, "model.onnx"), "something else");
  await assert.rejects(loadPack(pack.folder), fault("MODEL_PACK_HASH", /model\.onnx/, /[0-9a-f]{64}.*[0-9a-f]{64}/s));
});

test("a folder without manifest, or without its model, is named with the missing file", async () => {
  await using pack = await copyOfPack();
  await assert.rejects(loadPack(join(pack.folder, "none")), fault("MODEL_PACK_MISSING", /manifest\.json/));
  await rm(join(pack.folder, "model.onnx"));
  await assert.rejects(loadPack(pack.folder), fault("MODEL_PACK_MISSING", /model\.onnx/));
});

test("every fault of a manifest is named by its key: unknown, missing, wrong", async () => {
  await using pack = await copyOfPack((manifest) => {
    const { licence: _licence, ...rest } = manifest;
    return { ...rest, task: "guess", colour: "red", model: { file: "../model.onnx", sha256: "abc" } };
  });
  await assert.rejects(
    loadPack(pack.folder),
    fault("MODEL_PACK_INVALID", /colour/, /licence/, /task/, /model\.file/, /model\.sha256/, /5 fault/),
  );
});

test("a manifest that is not JSON is refused as a whole", async () => {
  await using pack = await copyOfPack();
  await writeFile(join(pack.folder, "manifest.json"), "{");
  await assert.rejects(loadPack(pack.folder), fault("MODEL_PACK_INVALID", /whole file/));
});
