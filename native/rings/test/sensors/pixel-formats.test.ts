import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  framePlanes,
  PIXEL_FORMATS,
  planeViews,
  SAMPLE_BYTES,
  SlotRingReader,
  SlotRingWriter,
} from "../../src/index.ts";
import { grayMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";

const anyPicture = fc.record({
  pixelFormat: fc.constantFrom(...PIXEL_FORMATS),
  widthPx: fc.integer({ min: 1, max: 70 }),
  heightPx: fc.integer({ min: 1, max: 40 }),
  strideAlignBytes: fc.constantFrom(1, 4, 64),
});

test("the formats known are those that the native core knows", () => {
  const source = readFileSync(new URL("../../core/frame_check.cpp", import.meta.url), "utf8");
  const native = [...source.matchAll(/\{"(\w+)", \d/g)].map(([, name]) => name);
  assert.ok(native.length > 10);
  assert.deepEqual([...PIXEL_FORMATS].sort(), native.sort());
});

test("the native core finds each layout complete, and the same with a byte less too short", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100_000 });
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const { planes, bytes } = framePlanes(picture);
      const meta = { ...grayMeta(1, 1), ...picture, planes };
      writer.publish(writer.reserve().index, { ...meta, bytes });
      const last = planes.at(-1);
      const pictureBytes = last === undefined ? 0 : bytes - (last.strideBytes - last.rowBytes);
      const { index } = writer.reserve();
      assert.throws(() => writer.publish(index, { ...meta, bytes: pictureBytes - 1 }), {
        code: "RING_INVALID_ARGUMENT",
      });
      writer.release(index);
    }),
  );
});

test("what is written through the views of a layout is read through the views of the frame", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100_000 });
  using reader = SlotRingReader.open(writer.name);
  fc.assert(
    fc.property(anyPicture, fc.integer({ min: 0, max: 255 }), (picture, seed) => {
      const { planes, bytes } = framePlanes(picture);
      const meta = { ...grayMeta(1, 1), ...picture, planes, bytes };
      const slot = writer.reserve();
      const valueAt = (plane: number, i: number) => (seed + plane * 71 + i * 13) % 251;
      planeViews(meta, slot.bytes).forEach((view, plane) => {
        for (let i = 0; i < view.samples.length; i++) {
          view.samples[i] = valueAt(plane, i);
        }
      });
      writer.publish(slot.index, meta);
      const lease = reader.leaseNewest();
      assert.ok(lease !== undefined);
      planeViews(lease.frame, lease.bytes).forEach(
        ({ samples, sample, rows, columns, channels, strideSamples }, plane) => {
          assert.equal(samples.length, strideSamples * (rows - 1) + columns * channels);
          assert.equal(samples.BYTES_PER_ELEMENT, SAMPLE_BYTES[sample]);
          assert.ok(samples.every((value, i) => value === valueAt(plane, i)));
        },
      );
      lease.release();
    }),
  );
});

test("sizes of the formats of sensors are what their names say", () => {
  const bytesOf = (pixelFormat: string) => framePlanes({ pixelFormat, widthPx: 640, heightPx: 480 }).bytes;
  const pixels = 640 * 480;
  assert.deepEqual(["nv12", "yuv420p", "rgb24", "bgr24", "gray", "gray16le", "grayf32le"].map(bytesOf), [
    pixels * 1.5,
    pixels * 1.5,
    pixels * 3,
    pixels * 3,
    pixels,
    pixels * 2,
    pixels * 4,
  ]);
});

test("an unknown format, a size that is none, and bytes that do not fit are refused in clear words", () => {
  const picture = { pixelFormat: "gray16le", widthPx: 4, heightPx: 4 };
  assert.throws(() => framePlanes({ ...picture, pixelFormat: "toString" }), { code: "RING_PIXEL_FORMAT_UNKNOWN" });
  assert.throws(() => framePlanes({ ...picture, widthPx: 0 }), /at least 1 for widthPx but received 0/);
  assert.throws(() => framePlanes({ ...picture, heightPx: Number.NaN }), /for heightPx but received NaN/);
  const meta = { ...picture, planes: framePlanes(picture).planes };
  assert.throws(() => planeViews(meta, new Uint8Array(31)), /received 31 bytes/);
  assert.throws(
    () => planeViews(meta, new Uint8Array(40).subarray(1)),
    /multiples of 2 but the plane begins at byte 1/,
  );
  assert.throws(() => planeViews({ ...meta, planes: [] }, new Uint8Array(32)), /Expected 1 planes of gray16le/);
});
