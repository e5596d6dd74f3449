import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraId } from "@lanthorn/contract";
import fc from "fast-check";
import { childBoxes, readBoxHeader, writeBox } from "../../src/mp4/box.ts";
import { holdsSamples, parseMoof, restampMoof } from "../../src/mp4/fragment.ts";
import { parseInit } from "../../src/mp4/init.ts";
import { parseRandomAccess, writeRandomAccess } from "../../src/mp4/random-access.ts";
import { writeSegmentInfo } from "../../src/mp4/segment-info.ts";
import { keyFragmentsOf, mediaDuration90k, walkSegment } from "../../src/mp4/walk.ts";
import { madeFragment, madeInit, memorySource } from "../support/made-packets.ts";

const INFO = {
  camera: CameraId.parse("porch"),
  stream: "main" as const,
  segmentId: 7,
  startWallUs: 1,
  startMonoNs: "2",
  startDts90k: 3,
  bootId: "b",
};

function madeSegment(fragments: number): { bytes: Buffer; ends: number[]; headerBytes: number } {
  const parts = [madeInit(), writeSegmentInfo(INFO)];
  const headerBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const ends = [madeInit().length, headerBytes];
  for (let index = 0; index < fragments; index++) {
    const fragment = madeFragment(index * 10_800);
    parts.push(fragment);
    ends.push((ends.at(-1) ?? 0) + fragment.length);
  }
  return { bytes: Buffer.concat(parts), ends, headerBytes };
}

test("a whole segment is walked to its last byte, with what it says of itself, its fragments and its duration", async () => {
  const { bytes, ends, headerBytes } = madeSegment(4);
  const walk = await walkSegment(memorySource(bytes));
  assert.equal(walk.fault, undefined);
  assert.deepEqual(walk.header?.info, INFO);
  assert.equal(walk.header?.bytes, headerBytes);
  assert.equal(walk.fragments.length, 4);
  assert.equal(walk.mediaBytes, ends.at(-1));
  assert.ok(walk.header);
  assert.equal(mediaDuration90k(walk.header, walk.fragments), 43_200);
});

test("the index at the end is read back as it was written, and its last bytes tell its length", async () => {
  const { bytes } = madeSegment(3);
  const keys = keyFragmentsOf(await walkSegment(memorySource(bytes)));
  const index = writeRandomAccess(1, keys);
  assert.deepEqual(parseRandomAccess(index, 1), keys);
  assert.equal(parseRandomAccess(index, 2), undefined);
  assert.equal(index.readUInt32BE(index.length - 4), index.length, "mfro, the last box, says how long mfra is");
  const walk = await walkSegment(memorySource(Buffer.concat([bytes, index])));
  assert.equal(walk.fault, undefined);
  assert.deepEqual(walk.keys, keys);
});

test("a segment cut at any byte is whole up to the last fragment that is whole, never further", async () => {
  const { bytes, ends } = madeSegment(5);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (cut) => {
      const walk = await walkSegment(memorySource(bytes.subarray(0, cut)));
      const whole = ends.findLast((end) => end <= cut) ?? 0;
      assert.equal(walk.mediaBytes, whole);
      assert.equal(walk.fault === undefined, cut === whole && cut > 0);
    }),
  );
});

test("whatever bytes are damaged, the walk ends, claims no byte beyond the file, and never throws", async () => {
  const { bytes } = madeSegment(5);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
      async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [offset, value] of changes) {
          damaged[offset] = value;
        }
        const walk = await walkSegment(memorySource(damaged));
        assert.ok(walk.mediaBytes <= damaged.length);
        let end = walk.header?.bytes ?? 0;
        for (const fragment of walk.fragments) {
          assert.equal(fragment.offset, end);
          end += fragment.bytes;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("random bytes are no boxes that reach beyond them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const boxes = childBoxes(bytes, 0, bytes.length);
      assert.equal(boxes?.reduce((sum, box) => sum + box.bytes, 0) ?? bytes.length, bytes.length);
    }),
  );
  assert.equal(readBoxHeader(Buffer.from([0, 0, 0, 0, 109, 111, 111, 118]), 0), undefined, "size 0 is refused");
  assert.equal(readBoxHeader(writeBox("free"), 0)?.bytes, 8);
});

test("pages that never reached the disk are seen although every box is whole", () => {
  const init = parseInit(madeInit());
  assert.ok(init);
  const bytes = madeFragment(0);
  const moofBytes = readBoxHeader(bytes, 0)?.bytes ?? 0;
  const movie = parseMoof(bytes.subarray(0, moofBytes), init);
  assert.ok(movie);
  assert.equal(holdsSamples(bytes, movie), true);
  const zeroed = Buffer.from(bytes).fill(0, bytes.length - 12);
  assert.equal(holdsSamples(zeroed, movie), false);
});

test("a fragment is moved in time without a change of length, and never below zero", () => {
  const init = parseInit(madeInit());
  assert.ok(init);
  const bytes = madeFragment(90_000);
  const moof = bytes.subarray(0, readBoxHeader(bytes, 0)?.bytes);
  const movie = parseMoof(moof, init);
  assert.ok(movie);
  restampMoof(moof, movie, 42, () => -30_000);
  const moved = parseMoof(moof, init);
  assert.deepEqual([moved?.sequence, moved?.tracks[0]?.startTicks], [42, 60_000]);
  restampMoof(moof, movie, 43, () => -100_000);
  assert.equal(parseMoof(moof, init)?.tracks[0]?.startTicks, 0);
});
