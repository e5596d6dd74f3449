import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testAgreement } from "./differential.ts";
import { C_UNDER_ASAN, READERS } from "./driver.ts";
import { allRecordings } from "./recordings/all.ts";
import { testHostility, testReader } from "./suite.ts";
import { readVectors } from "./vector.ts";

test("today's writer writes the bytes that were recorded", () => {
  const vectors = new Map(readVectors().map((vector) => [vector.name, vector]));
  const recordings = allRecordings();
  assert.deepEqual(recordings.map(({ name }) => name).sort(), [...vectors.keys()].sort());
  for (const { name, about, image, steps } of recordings) {
    const vector = vectors.get(name);
    assert.deepEqual(
      { about: vector?.about, steps: vector?.steps },
      { about, steps: JSON.parse(JSON.stringify(steps)) },
    );
    const at = image.bytes.findIndex((byte, i) => byte !== vector?.image.bytes[i]);
    assert.ok(vector?.image.bytes.equals(image.bytes), `${name} differs from its recording at byte ${at}`);
  }
});

describe("readers of rings", { concurrency: READERS.length }, () => {
  for (const reader of READERS) {
    describe(reader.name, { concurrency: 1 }, () => testReader(reader));
  }
});

describe(C_UNDER_ASAN.name, () => testHostility(C_UNDER_ASAN));

testAgreement(READERS);
