import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodeIndex } from "../../src/similarity/code-index.ts";
import { CodeSpace, cosineOf, normOf } from "../../src/similarity/code-space.ts";
import { makeHammingKernel, makeWasmMemory } from "../../src/similarity/hamming-kernel.ts";
import { viewOf } from "../support/made-embeddings.ts";

const ALL = { groups: new Uint8Array(65_536).fill(1, 1), fromEventId: 0, toEventId: Number.MAX_SAFE_INTEGER };

function bitsBetween(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, byte, at) => sum + (byte ^ (other[at] as number)).toString(2).replaceAll("0", "").length, 0);
}

function centreOf(vectors: readonly Int8Array[]): Float32Array {
  const centre = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    const norm = normOf(vector);
    for (const [at, value] of vector.entries()) {
      centre[at] = (centre[at] as number) + value / norm / vectors.length;
    }
  }
  return centre;
}

for (const dims of [8, 96, 500, 512, 1000]) {
  test(`of vectors with ${dims} values, the views of one thing are the candidates for another view of it`, () => {
    const vectors = Array.from({ length: 600 }, (_, at) => viewOf(at % 60, at, dims));
    const space = new CodeSpace(centreOf(vectors));
    const index = new CodeIndex(space.codeBytes, 64); // ten chunks
    for (const [at, vector] of vectors.entries()) {
      index.add({ rowId: at + 1, eventId: at, group: 1 + (at % 3) }, (into, offset) =>
        space.encode(vector, into, offset),
      );
    }
    const query = viewOf(7, 100_000, dims);
    const found = index.candidates(space.query(query), ALL, 10);
    const likeness = vectors.map((vector) => cosineOf(query, vector));
    const nearest = [...vectors.keys()].sort((a, b) => (likeness[b] as number) - (likeness[a] as number));
    const isNear = found.filter((slot) => nearest.slice(0, 40).includes(slot)).length;
    assert.ok(isNear >= (dims < 96 ? 5 : 9), `${isNear} of 10`);
    const oneGroup = { ...ALL, groups: Uint8Array.from(ALL.groups, (_, group) => (group === 2 ? 1 : 0)) };
    const ofGroup = index.candidates(space.query(query), { ...oneGroup, fromEventId: 100, toEventId: 400 }, 1000);
    assert.deepEqual(
      ofGroup.toSorted((a, b) => a - b),
      [...vectors.keys()].filter((at) => at % 3 === 1 && at >= 100 && at < 400),
    );
  });
}

test("dead slots are not found, and after closing their holes the others are where they were in order", () => {
  const space = new CodeSpace(new Float32Array(512));
  const index = new CodeIndex(space.codeBytes, 8);
  const vectors = Array.from({ length: 50 }, (_, at) => viewOf(at, at));
  for (const [at, vector] of vectors.entries()) {
    index.add({ rowId: 10 + 2 * at, eventId: at, group: 1 }, (into, offset) => space.encode(vector, into, offset));
  }
  for (let slot = 0; slot < 50; slot += 1) {
    if (slot % 5 !== 0) {
      index.kill(slot);
      index.kill(slot); // twice is once
    }
  }
  assert.deepEqual([index.size, index.dead, index.slotOf(12), index.slotOf(20)], [50, 40, undefined, 5]);
  const query = space.query(vectors[20] as Int8Array);
  const before = index.candidates(query, ALL, 50).map((slot) => index.rowIdOf(slot));
  index.compact();
  assert.deepEqual([index.size, index.dead, index.slotOf(20), index.slotOf(11)], [10, 0, 1, undefined]);
  assert.deepEqual(
    index.candidates(query, ALL, 50).map((slot) => index.rowIdOf(slot)),
    before,
  );
  assert.equal(before[0], 50); // itself
  const slot = index.add({ rowId: 1000, eventId: 99, group: 1 }, (into, offset) =>
    space.encode(vectors[3] as Int8Array, into, offset),
  );
  assert.deepEqual([slot, index.size, index.candidates(query, ALL, 50).length], [10, 11, 11]);
});

test("an empty index, one whose slots are all dead, and filters that nothing passes find nothing", () => {
  const space = new CodeSpace(new Float32Array(16));
  const index = new CodeIndex(space.codeBytes, 8);
  const query = space.query(viewOf(1, 1, 16));
  assert.deepEqual(index.candidates(query, ALL, 20), []);
  index.add({ rowId: 1, eventId: 5, group: 1 }, (into, offset) => space.encode(viewOf(1, 2, 16), into, offset));
  assert.deepEqual(index.candidates(query, { ...ALL, fromEventId: 6 }, 20), []);
  index.kill(0);
  assert.deepEqual(index.candidates(query, ALL, 20), []);
  index.compact();
  assert.deepEqual([index.size, index.candidates(query, ALL, 20)], [0, []]);
});

test("a kernel for codes of another length than whole vectors is refused", () => {
  for (const codeBytes of [0, 8, 24, 512]) {
    assert.throws(() => makeHammingKernel(codeBytes, makeWasmMemory(1024)), /expected codes of 16 to 496 bytes/);
  }
});

test("distances are the bits that differ", () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 31 })
        .chain((blocks) =>
          fc.array(fc.uint8Array({ minLength: blocks * 16, maxLength: blocks * 16 }), { minLength: 2, maxLength: 9 }),
        ),
      (codes) => {
        const [query = new Uint8Array(16), ...others] = codes;
        const memory = makeWasmMemory(query.length * codes.length + 2 * codes.length);
        const bytes = new Uint8Array(memory.buffer);
        bytes.set(Buffer.concat(codes));
        const [end, first] = [query.length * codes.length, query.length];
        makeHammingKernel(query.length, memory)(first, 0, end, end);
        const distances = new Uint16Array(memory.buffer.slice(end, end + 2 * others.length));
        assert.deepEqual(
          [...distances],
          others.map((code) => bitsBetween(query, code)),
        );
      },
    ),
    { numRuns: 100 },
  );
});
