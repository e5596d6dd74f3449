/** Reads a model pack from its folder: manifest checked, model's hash checked. Does not load it into a runtime (executors/). */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inferenceErrors } from "../error-codes.ts";
import { Manifest } from "./manifest.ts";

/** A pack whose model is the one its manifest means. */
export interface ModelPack {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly model: Uint8Array;
}

/** Loads a pack. Throws: MODEL_PACK_MISSING, MODEL_PACK_INVALID (every fault with its key), MODEL_PACK_HASH. */
export async function loadPack(folder: string): Promise<ModelPack> {
  const manifest = parseManifest(await readPart(folder, "manifest.json"), join(folder, "manifest.json"));
  const model = await readPart(folder, manifest.model.file);
  const actual = createHash("sha256").update(model).digest("hex");
  if (actual !== manifest.model.sha256) {
    const file = join(folder, manifest.model.file);
    throw inferenceErrors.make("MODEL_PACK_HASH", { file, expected: manifest.model.sha256, actual });
  }
  return { folder, manifest, model };
}

async function readPart(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    throw inferenceErrors.make("MODEL_PACK_MISSING", { folder, file, reason: (error as Error).message }, error);
  }
}

function parseManifest(bytes: Buffer, file: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const faults = `  (whole file): ${(error as Error).message}`;
    throw inferenceErrors.make("MODEL_PACK_INVALID", { file, count: 1, faults }, error);
  }
  const result = Manifest.safeParse(json);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `  ${issue.path.join(".") || "(top level)"}: ${issue.message}`);
    throw inferenceErrors.make("MODEL_PACK_INVALID", { file, count: faults.length, faults: faults.join("\n") });
  }
  return result.data;
}
