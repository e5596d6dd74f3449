import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FillRate, headroomBytesOf, LOOK_EVERY_MS, lookInMs, RecentMost } from "../../src/retention/fill-rate.ts";

const MIB = 1024 * 1024;
const MS = 1_000_000n;

/** Looks every `everyMs` at a disk that somebody fills; what is deleted counts as free at once. */
function looked(options: { everyMs: number; looks: number; bytesPerS: number; deletedPerLook?: number }): FillRate {
  const rate = new FillRate();
  let [freeBytes, freedBytes] = [1e12, 0];
  for (let look = 0; look < options.looks; look++) {
    rate.note({ nowNs: BigInt(look * options.everyMs) * MS, freeBytes, freedBytes });
    freeBytes -= (options.bytesPerS * options.everyMs) / 1000 - (options.deletedPerLook ?? 0);
    freedBytes += options.deletedPerLook ?? 0;
  }
  return rate;
}

test("a steady rate is learned, whatever is deleted meanwhile and however often one looks", () => {
  for (const everyMs of [20, 100, 700, 2000]) {
    const learned = looked({ everyMs, looks: 100, bytesPerS: 20e6, deletedPerLook: 3e6 }).bytesPerS(
      BigInt(everyMs * 99) * MS,
    );
    assert.ok(Math.abs(learned - 20e6) < 0.1 * 20e6, `${learned} with a look each ${everyMs} ms`);
  }
});

test("a burst is known as soon as it is seen, and half forgotten after two minutes", () => {
  const rate = new FillRate();
  rate.note({ nowNs: 0n, freeBytes: 1e9, freedBytes: 0 });
  rate.note({ nowNs: 20n * MS, freeBytes: 1e9 - 10e6, freedBytes: 0 });
  assert.equal(rate.bytesPerS(20n * MS), 20e6, "ten megabytes, within half a second");
  assert.ok(Math.abs(rate.bytesPerS(120_020n * MS) - 10e6) < 1);
});

test("the most of recent times is never below a value that was noted within the half-life, halved", () => {
  const series = fc.array(fc.record({ value: fc.nat(1e9), afterMs: fc.nat(60_000) }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(series, (noted) => {
      const most = new RecentMost();
      let nowNs = 0n;
      const at = noted.map(({ value, afterMs }) => {
        nowNs += BigInt(afterMs) * MS;
        most.note(value, nowNs);
        return { value, atNs: nowNs };
      });
      for (const { value, atNs } of at) {
        assert.ok(most.read(nowNs) >= value * 2 ** (-Number(nowNs - atNs) / 120e9) * (1 - 1e-9));
      }
      assert.ok(most.read(nowNs) <= Math.max(...noted.map(({ value }) => value)) * (1 + 1e-9));
    }),
  );
});

test("the headroom is what vanishes while room is made, and stays within its bounds whatever was measured", () => {
  const floorBytes = 2e9;
  assert.equal(headroomBytesOf({ floorBytes, bytesPerS: 0, reactionS: 0 }), 64 * MIB, "for whoever begins suddenly");
  assert.equal(headroomBytesOf({ floorBytes, bytesPerS: 100e6, reactionS: 1 }), 150e6);
  assert.equal(headroomBytesOf({ floorBytes, bytesPerS: 1e15, reactionS: 60 }), 500e6, "a quarter of the floor");
  const anything = fc.record({
    floorBytes: fc.double({ min: 0, max: 1e13, noNaN: true }),
    bytesPerS: fc.double({ min: 0, max: 1e15, noNaN: true }),
    reactionS: fc.double({ min: 0, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(anything, (filling) => {
      const headroomBytes = headroomBytesOf(filling);
      assert.ok(headroomBytes >= Math.floor(Math.min(filling.floorBytes / 16, 64 * MIB)));
      assert.ok(headroomBytes <= Math.ceil(Math.min(filling.floorBytes / 4, 512 * MIB)));
    }),
  );
});

test("looks come often near the floor and seldom far from it", () => {
  const headroomBytes = 64 * MIB;
  assert.equal(lookInMs({ aboveBytes: 1e12, headroomBytes }), LOOK_EVERY_MS);
  assert.equal(lookInMs({ aboveBytes: 0, headroomBytes }), 31.25, "8 MiB at 256 MiB/s");
  assert.equal(lookInMs({ aboveBytes: -1e9, headroomBytes: MIB }), 20);
});

test("a model disk: while room is made within 0.7 s the floor holds, however suddenly somebody begins to fill it", () => {
  fc.assert(
    fc.property(sceneWith({ slowestMs: 700 }), (scene) => {
      assert.ok(lowestFreeOf(scene) >= FLOOR_BYTES, JSON.stringify(scene));
    }),
  );
});

test("a model disk: where room takes longer to make, that is learned by making it, and the floor holds from the third time on", () => {
  fc.assert(
    fc.property(sceneWith({ slowestMs: 1500 }), (scene) => {
      assert.ok(lowestFreeOf(scene, 3) >= FLOOR_BYTES, JSON.stringify(scene));
    }),
  );
});

/** 80 MB/s is what the headroom is for when nothing was learned yet. */
const sceneWith = ({ slowestMs }: { slowestMs: number }) =>
  fc.record({
    bytesPerS: fc.integer({ min: 10e6, max: 80e6 }),
    reactionMs: fc.integer({ min: 20, max: slowestMs }),
    segmentBytes: fc.integer({ min: 1e6, max: 40e6 }),
  });

const FLOOR_BYTES = 2e9;

/** Fills a model disk for 90 s; whole segments go when the headroom is touched, and are gone after the reaction. Lowest free space from a deletion on. */
function lowestFreeOf(
  scene: { bytesPerS: number; reactionMs: number; segmentBytes: number },
  fromDeletion = 0,
): number {
  const { bytesPerS, reactionMs, segmentBytes } = scene;
  const rate = new FillRate();
  const reaction = new RecentMost();
  const stepMs = 20;
  let [freeBytes, freedBytes, lowestBytes] = [FLOOR_BYTES + 70e6, 0, Number.POSITIVE_INFINITY];
  let deletions = 0;
  let deletion: { readonly sinceMs: number; readonly bytes: number } | undefined;
  for (let nowMs = 0; nowMs < 90_000; nowMs += stepMs) {
    const nowNs = BigInt(nowMs) * MS;
    if (deletion !== undefined && nowMs - deletion.sinceMs >= reactionMs) {
      freeBytes += deletion.bytes;
      freedBytes += deletion.bytes;
      reaction.note((nowMs - deletion.sinceMs) / 1000, nowNs);
      deletion = undefined;
      deletions += 1;
    }
    if (deletion === undefined) {
      rate.note({ nowNs, freeBytes, freedBytes });
      const filling = { floorBytes: FLOOR_BYTES, bytesPerS: rate.bytesPerS(nowNs), reactionS: reaction.read(nowNs) };
      const headroomBytes = headroomBytesOf(filling);
      const short = FLOOR_BYTES + headroomBytes - freeBytes;
      if (short > 0) {
        const bytes = Math.ceil((short + headroomBytes) / segmentBytes) * segmentBytes;
        deletion = { sinceMs: nowMs, bytes };
      }
    }
    lowestBytes = deletions >= fromDeletion ? Math.min(lowestBytes, freeBytes) : lowestBytes;
    freeBytes -= (bytesPerS * stepMs) / 1000;
  }
  assert.ok(deletions > 3, "the disk was filled");
  return lowestBytes;
}
