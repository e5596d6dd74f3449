/** Recorded vectors: a ring's bytes as a writer left them, and what every reader must make of them. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Answer } from "./answers.ts";
import { RingImage } from "./ring-image.ts";

/** A command of the driver protocol, where `@` stands for the ring's name and `#` for the lease taken last, and the answer to it. */
export type Step = [command: string, answer: Answer];

/** What `<name>.json` says of `<name>.ring.gz`. */
export type Vector = { about: string; steps: Step[] };

/** Where vectors lie. */
export const VECTOR_FOLDER = new URL("vectors/", import.meta.url);

/** All vectors of the folder. Throws when a ring lacks its answers, or there is none at all. */
export function readVectors(): (Vector & { name: string; image: RingImage })[] {
  const names = readdirSync(VECTOR_FOLDER)
    .filter((file) => file.endsWith(".ring.gz"))
    .map((file) => file.slice(0, -".ring.gz".length));
  if (names.length === 0) {
    throw new Error(`There are no vectors in ${VECTOR_FOLDER.pathname}`);
  }
  return names.map((name) => ({
    name,
    image: new RingImage(gunzipSync(readFileSync(new URL(`${name}.ring.gz`, VECTOR_FOLDER)))),
    ...(JSON.parse(readFileSync(new URL(`${name}.json`, VECTOR_FOLDER), "utf8")) as Vector),
  }));
}
