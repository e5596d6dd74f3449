/** The decoder against ffmpeg's own decoding of the same file; demand; errors. The thread and hostile input: decoder_test.cpp. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LanthornError } from "@lanthorn/base";
import { type FrameMeta, SlotRingReader } from "@lanthorn/rings";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { Decoder, TsDemuxer } from "../src/index.ts";
import { frameMd5s } from "./support/ffmpeg.ts";
import { PAYLOAD_BYTES, randomRing } from "./support/made-ring.ts";

const code = (expected: string) => (error: unknown) => error instanceof LanthornError && error.code === expected;

/** MD5 of a picture's samples without the gaps between rows. */
function md5(bytes: Uint8Array, frame: FrameMeta): string {
  const hash = createHash("md5");
  frame.planes.forEach(({ offsetBytes, strideBytes }, plane) => {
    const [columns, rows] =
      plane === 0 ? [frame.widthPx, frame.heightPx] : [Math.ceil(frame.widthPx / 2), Math.ceil(frame.heightPx / 2)];
    for (let row = 0; row < rows; row += 1) {
      hash.update(bytes.subarray(offsetBytes + row * strideBytes, offsetBytes + row * strideBytes + columns));
    }
  });
  return hash.digest("hex");
}

for (const [video, bFrames, heightPx] of [
  ["h264", 0, 180],
  ["h264", 2, 180],
  ["hevc", 0, 180],
  ["hevc", 2, 180],
] as const) {
  test(`${video} with ${bFrames} B-frames: every frame in the ring is bit for bit what ffmpeg decodes`, async () => {
    const file = await makeTestMedia({ video, bFrames, heightPx, durationS: 3, container: "ts" });
    const expected = await frameMd5s(file);
    assert.equal(expected.length, 45);
    const [packetRing, frameRing] = [randomRing("packets"), randomRing("frames")];
    const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
    const decoder = Decoder.open({ packetRing, frameRing, threads: 2 });
    const found: string[] = [];
    let reader: SlotRingReader | undefined;
    try {
      await waitUntil("the decoder to attach", () => decoder.statistics().attachments === 1);
      const bytes = readFileSync(file);
      let last = 0n;
      const take = async () => {
        // one unit at a time, so that each frame is the newest once
        await waitUntil(
          "the decoder to take all",
          () => decoder.statistics().packets >= demuxer.statistics().videoPackets,
        );
        if (reader === undefined && decoder.statistics().slots > 0) {
          reader = SlotRingReader.open(frameRing);
        }
        for (let lease = reader?.leaseNewest(last); lease !== undefined; lease = reader?.leaseNewest(last)) {
          assert.equal(lease.frame.pixelFormat, "yuv420p");
          assert.ok(lease.frame.captureMonoNs > 0n && lease.frame.arrivalMonoNs >= lease.frame.captureMonoNs);
          last = lease.frame.sequence;
          found.push(md5(lease.bytes, lease.frame));
          lease.release();
        }
      };
      for (let at = 0; at < bytes.length; at += 188) {
        const before = demuxer.statistics().videoPackets;
        demuxer.push(bytes.subarray(at, at + 188));
        if (demuxer.statistics().videoPackets !== before) {
          await take();
        }
      }
      demuxer.flush();
      await take();
      const { errors, lastError } = decoder.statistics();
      assert.equal(errors, 0, lastError);
      // Frames still in reordering at the end of the file do not come out of a live decoder.
      assert.ok(found.length >= expected.length - 3, `${found.length} of ${expected.length}`);
      assert.deepEqual(found, expected.slice(0, found.length));
    } finally {
      reader?.close();
      decoder.close();
      demuxer.close();
    }
  });
}

test("a maximum rate halves what is published", async () => {
  const [packetRing, frameRing] = [randomRing("packets"), randomRing("frames")];
  const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
  const decoder = Decoder.open({ packetRing, frameRing });
  decoder.setDemand("all", 5);
  try {
    await waitUntil("the decoder to attach", () => decoder.statistics().attachments === 1);
    const bytes = readFileSync(await makeTestMedia({ durationS: 6, fps: 15, container: "ts" }));
    const startNs = process.hrtime.bigint();
    for (let at = 0; at < bytes.length; at += PAYLOAD_BYTES) {
      // arrival times as the camera would make them: 6 s over the file
      demuxer.push(bytes.subarray(at, at + PAYLOAD_BYTES), startNs + BigInt(Math.round((at / bytes.length) * 6e9)));
      await waitUntil("all taken", () => decoder.statistics().packets >= demuxer.statistics().videoPackets);
    }
    const { framesPublished, framesSkipped } = decoder.statistics();
    assert.ok(framesPublished >= 24 && framesPublished <= 38, `${framesPublished} published, ${framesSkipped} skipped`);
  } finally {
    decoder.close();
    demuxer.close();
  }
});

test("a decoder without a packet ring waits, and wrong arguments are named", () => {
  const decoder = Decoder.open({ packetRing: randomRing("packets"), frameRing: randomRing("frames") });
  assert.equal(decoder.statistics().state, "waiting");
  assert.throws(() => decoder.setDemand("most" as "all"), /one of none, key, all but received "most"/);
  assert.throws(() => decoder.setDemand("all", -1), /maxFps/);
  decoder.close();
  decoder.close();
  assert.throws(() => decoder.statistics(), code("MEDIA_CLOSED"));
  assert.throws(
    () => Decoder.open({ packetRing: "a", frameRing: "b", threads: 0 }),
    /threads to be a whole number from 1 to 16/,
  );
});
