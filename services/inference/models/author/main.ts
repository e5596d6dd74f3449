/** Writes the model files of the built-in packs: `node services/inference/models/author/main.ts`. The manifests' hashes follow. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { coloursModel } from "./colours.ts";
import { motionModel } from "./motion.ts";

const packs = [
  { folder: new URL("../motion/", import.meta.url), model: motionModel() },
  { folder: new URL("../colours/", import.meta.url), model: coloursModel() },
];

for (const { folder, model } of packs) {
  writeFileSync(new URL("model.onnx", folder), model);
  const manifest = new URL("manifest.json", folder);
  const sha256 = createHash("sha256").update(model).digest("hex");
  const text = readFileSync(manifest, "utf8").replace(/"sha256": "[0-9a-f]*"/, `"sha256": "${sha256}"`);
  writeFileSync(manifest, text);
  process.stdout.write(`${folder.pathname}model.onnx ${model.length} bytes sha256 ${sha256}\n`);
}
