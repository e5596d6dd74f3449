import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AccessUnitSplitter, factsOf } from "../../../cli/demo/packets/access-units.ts";

const nal = (long: boolean, ...bytes: number[]) => Buffer.from([...(long ? [0] : []), 0, 0, 1, ...bytes]);
const KEY = Buffer.concat([
  nal(true, 9, 0x10),
  nal(true, 0x67, 0x42, 0xc0, 0x1e),
  nal(false, 0x68, 1),
  nal(false, 0x65, 8),
]);
const OTHER = Buffer.concat([nal(false, 9, 0x30), nal(false, 0x41, 7, 7)]);

test("a stream is split at delimiters, however it is cut on the way", () => {
  const sent = [KEY, OTHER, OTHER, KEY, OTHER];
  const stream = Buffer.concat([...sent, KEY]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
      const splitter = new AccessUnitSplitter();
      const units: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        units.push(...splitter.push(stream.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(units.map(String), sent.map(String));
    }),
  );
});

test("a key unit is known by its IDR picture; its parameter sets and codec string are found", () => {
  assert.deepEqual(factsOf(KEY), {
    isKey: true,
    parameterSets: Buffer.concat([nal(true, 0x67, 0x42, 0xc0, 0x1e), nal(true, 0x68, 1)]),
    codecString: "avc1.42c01e",
  });
  assert.equal(factsOf(OTHER).isKey, false);
  assert.equal(factsOf(OTHER).parameterSets.length, 0);
});
