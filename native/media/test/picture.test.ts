/** RGB and JPEG from TypeScript: shapes, regions, refusals. Colours and hostile descriptions: picture_test.cpp. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LanthornError } from "@lanthorn/base";
import { encodeJpeg, type FrameShape, frameToRgb } from "../src/index.ts";

/** White left half, black right half, limited range. */
function halves(widthPx: number, heightPx: number): { bytes: Uint8Array; frame: FrameShape } {
  const strideBytes = Math.ceil(widthPx / 64) * 64;
  const luma = strideBytes * heightPx;
  const chroma = (strideBytes / 2) * Math.ceil(heightPx / 2);
  const bytes = new Uint8Array(luma + 2 * chroma).fill(128);
  for (let row = 0; row < heightPx; row += 1) {
    bytes.fill(235, row * strideBytes, row * strideBytes + widthPx / 2);
    bytes.fill(16, row * strideBytes + widthPx / 2, row * strideBytes + widthPx);
  }
  const planes = [
    { offsetBytes: 0, strideBytes },
    { offsetBytes: luma, strideBytes: strideBytes / 2 },
    { offsetBytes: luma + chroma, strideBytes: strideBytes / 2 },
  ];
  return { bytes, frame: { widthPx, heightPx, planes, pixelFormat: "yuv420p", colorSpace: "bt709", colorRange: "tv" } };
}

test("RGB has the size asked for, in a new array or in the one given", () => {
  const { bytes, frame } = halves(320, 180);
  const out = new Uint8Array(64 * 48 * 3);
  assert.equal(frameToRgb(bytes, frame, { widthPx: 64, heightPx: 48, out }), out);
  // libyuv's fixed-point matrices are off by up to 3 levels
  assert.ok(out.subarray(0, 3).every((value) => value >= 252));
  assert.ok(out.subarray(63 * 3, 64 * 3).every((value) => value <= 3));
  const right = frameToRgb(bytes, frame, {
    widthPx: 8,
    heightPx: 8,
    region: { xPx: 160, yPx: 0, widthPx: 160, heightPx: 180 },
  });
  assert.ok(right.every((value) => value <= 3));
});

test("a JPEG says the size it was scaled to", () => {
  const { bytes, frame } = halves(320, 180);
  const jpeg = encodeJpeg(bytes, frame, { maxWidthPx: 160, qualityPct: 70 });
  const frameHeader = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  assert.ok(frameHeader > 0);
  assert.deepEqual([jpeg.readUInt16BE(frameHeader + 7), jpeg.readUInt16BE(frameHeader + 5)], [160, 90]);
});

test("what cannot be is refused, naming field and expectation", () => {
  const { bytes, frame } = halves(320, 180);
  const refused = (call: () => unknown, words: RegExp) =>
    assert.throws(
      call,
      (error) => error instanceof LanthornError && error.code === "MEDIA_INVALID_ARGUMENT" && words.test(error.message),
    );
  refused(
    () => frameToRgb(bytes, frame, { widthPx: 0, heightPx: 8 }),
    /widthPx to be a whole number from 1 to 16384 but received 0/,
  );
  refused(() => frameToRgb(bytes, frame, { widthPx: 8, heightPx: 8, out: new Uint8Array(5) }), /out to hold/);
  refused(() => frameToRgb(bytes.subarray(0, 1000), frame, { widthPx: 8, heightPx: 8 }), /does not lie inside/);
  refused(() => encodeJpeg(bytes, { ...frame, pixelFormat: "bayer" }), /pixelFormat .* received "bayer"/);
  refused(() => encodeJpeg(bytes, frame, { qualityPct: 101 }), /qualityPct/);
  refused(
    () => encodeJpeg(bytes, frame, { region: { xPx: 300, yPx: 0, widthPx: 50, heightPx: 10 } }),
    /beyond the frame/,
  );
});
