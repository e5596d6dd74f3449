/** Writes the units of provisioning/services.ts beside this file: `node provisioning/units/generate.ts`. A test says when it is due. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SERVICES } from "../services.ts";
import { unitFiles } from "./unit-text.ts";

for (const { name, text } of unitFiles(SERVICES)) {
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), text);
}
