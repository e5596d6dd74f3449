/**
 * Writes vectors/ anew: `node native/rings/test/conformance/record-vectors.ts`. Needed only when a vector is added: recorded bytes
 * are what writers of layout version 1 wrote, and readers must go on reading them.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { allRecordings } from "./recordings/all.ts";
import { VECTOR_FOLDER } from "./vector.ts";

rmSync(VECTOR_FOLDER, { recursive: true, force: true });
mkdirSync(VECTOR_FOLDER);
for (const { name, about, image, steps } of allRecordings()) {
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`).join(",\n");
  writeFileSync(new URL(`${name}.ring.gz`, VECTOR_FOLDER), gzipSync(image.bytes, { level: 9 }));
  writeFileSync(
    new URL(`${name}.json`, VECTOR_FOLDER),
    `{\n  "about": ${JSON.stringify(about)},\n  "steps": [\n${lines}\n  ]\n}\n`,
  );
}
