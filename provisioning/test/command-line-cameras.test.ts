import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { camerasBrought, camerasLeftOut, rememberCameras } from "../run/command-line-cameras.ts";

const on = (id: string) => ({ id, enabled: true });

test("a start switches off what earlier command lines brought and it does not name, never what was registered by hand", () => {
  assert.deepEqual(camerasLeftOut([on("street"), on("quiet"), on("porch")], ["street", "quiet"], ["street"]), [
    "quiet",
  ]);
  assert.deepEqual(camerasLeftOut([{ id: "quiet", enabled: false }], ["quiet"], []), []);
  assert.deepEqual(camerasLeftOut([on("porch")], [], ["street"]), []);
});

test("what was brought is remembered over starts; a torn file switches nothing off", () => {
  const home = mkdtempSync(join(tmpdir(), "lanthorn-home-"));
  try {
    mkdirSync(join(home, "state"));
    assert.deepEqual(camerasBrought(home), []);
    rememberCameras(home, ["street", "quiet"]);
    rememberCameras(home, ["holiday", "street"]);
    assert.deepEqual(camerasBrought(home), ["holiday", "quiet", "street"]);
    writeFileSync(join(home, "state/command-line-cameras.json"), '["str');
    assert.deepEqual(camerasBrought(home), []);
  } finally {
    rmSync(home, { recursive: true });
  }
});
