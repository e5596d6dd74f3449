import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clipSpans, mergeSpans } from "../../src/playback/timeline.ts";

const spans = fc.array(
  fc.tuple(fc.nat(1000), fc.nat(60)).map(([startWallUs, length]) => ({ startWallUs, endWallUs: startWallUs + length })),
  { maxLength: 60 },
);
const instants = (list: readonly { startWallUs: number; endWallUs: number }[]) => {
  const set = new Set<number>();
  for (const { startWallUs, endWallUs } of list) {
    for (let at = startWallUs; at < endWallUs; at++) {
      set.add(at);
    }
  }
  return [...set].sort((a, b) => a - b);
};

test("merged spans cover exactly what the spans covered, in order, without touching one another", () => {
  fc.assert(
    fc.property(spans, (list) => {
      const merged = mergeSpans(list);
      assert.deepEqual(instants(merged), instants(list));
      for (const [index, span] of merged.entries()) {
        assert.ok(index === 0 || span.startWallUs > (merged[index - 1]?.endWallUs ?? 0));
      }
    }),
  );
});

test("clipped spans lie within the interval and keep their other members", () => {
  fc.assert(
    fc.property(spans, fc.nat(1000), fc.nat(200), (list, fromUs, length) => {
      const clipped = clipSpans(
        list.map((span) => ({ ...span, cause: "x" })),
        fromUs,
        fromUs + length,
      );
      assert.deepEqual(
        instants(clipped),
        instants(list).filter((at) => at >= fromUs && at < fromUs + length),
      );
      assert.ok(clipped.every(({ cause }) => cause === "x"));
    }),
  );
});
