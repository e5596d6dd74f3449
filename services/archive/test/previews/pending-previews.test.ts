/** Pictures are kept of what is recorded, and of nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PendingPreviews } from "../../src/previews/pending-previews.ts";
import { picture, T0 } from "./made-previews.ts";

const times = (previews: readonly { captureWallUs: number }[]) =>
  previews.map(({ captureWallUs }) => (captureWallUs - T0) / 1e6);

test("a picture waits until its moment is recorded durably, and is then kept", () => {
  const pending = new PendingPreviews();
  pending.add(picture(T0), 0);
  pending.add(picture(T0 + 5e6), 5000);
  assert.deepEqual(
    pending.settle(5000, () => false),
    [],
  );
  assert.deepEqual(times(pending.settle(6000, (wallUs) => wallUs < T0 + 2e6)), [0]);
  assert.deepEqual(times(pending.settle(8000, () => true)), [5]);
  assert.equal(pending.length, 0);
});

test("footage before an event is written a minute late, and its pictures are still there", () => {
  const pending = new PendingPreviews();
  for (let at = 0; at < 80; at += 5) {
    pending.add(picture(T0 + at * 1e6), at * 1000);
    pending.settle(at * 1000, () => false);
  }
  const kept = pending.settle(82_000, (wallUs) => wallUs >= T0 + 20e6); // pre-roll of a minute
  assert.deepEqual(times(kept), [20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75]);
  assert.equal(pending.counts.notRecorded, 4);
});

test("while nothing is recorded, as in privacy, no picture is ever given out, and few wait", () => {
  const pending = new PendingPreviews();
  for (let at = 0; at < 3600; at += 5) {
    pending.add(picture(T0 + at * 1e6, 8), at * 1000);
    assert.deepEqual(
      pending.settle(at * 1000, () => false),
      [],
    );
    assert.ok(pending.length <= 19, `${pending.length} wait`);
  }
});

test("however pictures come, no more than 64 wait, each is given out at most once, and only if it is recorded", () => {
  const steps = fc.array(fc.tuple(fc.nat(120), fc.boolean(), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const pending = new PendingPreviews();
      const recorded = new Map<number, boolean>();
      const kept: number[] = [];
      let nowMs = 0;
      for (const [gapS, isRecorded, settles] of all) {
        nowMs += gapS * 1000;
        const wallUs = T0 + recorded.size * 1e6;
        recorded.set(wallUs, isRecorded);
        pending.add(picture(wallUs, 8), nowMs);
        if (settles) {
          kept.push(...pending.settle(nowMs, (at) => recorded.get(at) ?? false).map((each) => each.captureWallUs));
        }
        assert.ok(pending.length <= 64);
      }
      assert.equal(new Set(kept).size, kept.length);
      assert.ok(kept.every((wallUs) => recorded.get(wallUs)));
      const { notRecorded, overflown } = pending.counts;
      assert.equal(kept.length + notRecorded + overflown + pending.length, recorded.size);
    }),
  );
});
