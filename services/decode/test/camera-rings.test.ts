/** CAMERA_RINGS of the contract against the code that makes the rings. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CAMERA_RINGS } from "@lanthorn/contract";
import { Decoder, SensorDecoder, TsDemuxer } from "@lanthorn/media";
import { listRings } from "@lanthorn/rings";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";

test("slots for readers are as many as the contract says", () => {
  const header = readFileSync(new URL("../../../native/media/include/lanthorn/media.h", import.meta.url), "utf8");
  const number = (name: string) => Number(new RegExp(`\\b${name} = (\\d+)`).exec(header)?.[1]);
  assert.equal(number("LTN_DECODER_SPARE_SLOTS"), CAMERA_RINGS.spareSlots);
  assert.equal(number("LTN_DECODER_LEAST_SPARE_SLOTS"), CAMERA_RINGS.leastSpareSlots);
});

for (const options of [
  { video: "h264", bFrames: 0 },
  { video: "h264", bFrames: 3 },
  { video: "hevc", bFrames: 3 },
] as const) {
  test(`rings of ${options.video} with ${options.bFrames} B-frames are within what the contract says`, async () => {
    const prefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
    const [packetRing, frameRing] = [`${prefix}.packets`, `${prefix}.frames`];
    const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
    const decoder = Decoder.open({ packetRing, frameRing, threads: 1 });
    try {
      demuxer.push(readFileSync(await makeTestMedia({ ...options, durationS: 2, container: "ts" })));
      await waitUntil("a frame ring", () => decoder.statistics().slots > 0);
      const { slots } = decoder.statistics();
      assert.ok(slots >= 2 + CAMERA_RINGS.spareSlots, `${slots} slots`);
      assert.ok(slots <= CAMERA_RINGS.heldSlots + CAMERA_RINGS.spareSlots, `${slots} slots`);
      const packets = listRings(packetRing)[0];
      assert.equal(Number(packets?.capacityBytes), CAMERA_RINGS.packetsMiB * 2 ** 20);
    } finally {
      decoder.close();
      demuxer.close();
    }
  });
}

test("the ring of sound is within what the contract says", async () => {
  const prefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
  const [packetRing, audioRing, imuRing] = [`${prefix}.packets`, `${prefix}.audio`, `${prefix}.imu`];
  const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
  const decoder = SensorDecoder.open({ cameraId: "test", packetRing, audioRing, imuRing });
  try {
    demuxer.push(readFileSync(await makeTestMedia({ durationS: 2, audio: "aac", container: "ts" })));
    await waitUntil("a ring of sound", () => decoder.statistics().soundRecords > 0);
    const { soundChannels } = decoder.statistics();
    const stereoBytes = (Number(listRings(audioRing)[0]?.capacityBytes) * 2) / soundChannels;
    const imuBytes = 256 * 1024; // the least that there is; services/decode/test/sensors.test.ts has one
    assert.ok(stereoBytes > 0 && stereoBytes + imuBytes <= CAMERA_RINGS.samplesMiB * 2 ** 20, `${stereoBytes} bytes`);
  } finally {
    decoder.close();
    demuxer.close();
  }
});
