/** The demuxer against streams made by ffmpeg, and its errors. The parsers themselves: ts_demuxer_test.cpp. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LanthornError } from "@lanthorn/base";
import { ByteRingReader } from "@lanthorn/rings";
import { makeTestMedia } from "@lanthorn/testing";
import { TsDemuxer } from "../src/index.ts";
import { type Described, demuxed, randomRing } from "./support/made-ring.ts";

const code = (expected: string) => (error: unknown) => error instanceof LanthornError && error.code === expected;

for (const video of ["h264", "hevc"] as const) {
  for (const audio of ["aac", "opus"] as const) {
    test(`${video} with ${audio} comes out whole: every frame, key frames where they are, rising times`, async () => {
      const { records, streams } = await demuxed({ video, audio, durationS: 4, fps: 15, gopFrames: 15 });
      const [picture, sound] = streams;
      assert.equal(picture?.codec, video);
      assert.equal(picture?.widthPx, 320);
      assert.equal(picture?.heightPx, 180);
      assert.match(picture?.codecString ?? "", video === "h264" ? /^avc1\.[0-9a-f]{6}$/ : /^hvc1\.1\.6\.L\d+/);
      assert.equal(sound?.codec, audio);
      assert.equal(sound?.sampleRateHz, 48000);

      const pictures = records.filter(({ meta }) => meta.streamIndex === 0);
      assert.equal(pictures.length, 60);
      assert.deepEqual(
        pictures.flatMap(({ meta }, i) => (meta.key ? [i] : [])),
        [0, 15, 30, 45],
      );
      assert.equal(records[0]?.meta.key, true, "the ring begins with a key frame");
      const steps = pictures.slice(1).map(({ meta }, i) => (meta.dts90k ?? 0n) - (pictures[i]?.meta.dts90k ?? 0n));
      assert.deepEqual([...new Set(steps)], [6000n]);

      const sounds = records.filter(({ meta }) => meta.streamIndex === 1);
      const seconds = sounds.reduce((sum, { meta }) => sum + meta.duration90k, 0) / 90_000;
      assert.ok(Math.abs(seconds - 4) < 0.15, `${seconds} s of sound`);
    });
  }
}

test("pictures with B-frames keep presentation and decoding times apart", async () => {
  const { records } = await demuxed({ bFrames: 2, durationS: 2 });
  assert.ok(records.some(({ meta }) => (meta.pts90k ?? 0n) > (meta.dts90k ?? 0n)));
  const dts = records.map(({ meta }) => meta.dts90k ?? 0n);
  assert.deepEqual(
    dts,
    dts.toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("a camera that changes from H.264 to a larger H.265 in mid-stream goes on in the same ring, described anew at its key frame", async () => {
  const packetRing = randomRing("packets");
  const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
  const reader = ByteRingReader.open(packetRing);
  const seen: string[] = [];
  try {
    for (const media of [
      { video: "h264", audio: "aac", durationS: 1 },
      { video: "hevc", audio: "opus", durationS: 1, widthPx: 640, heightPx: 360 },
      { video: "h264", audio: "aac", durationS: 1 },
    ] as const) {
      demuxer.push(readFileSync(await makeTestMedia({ container: "ts", ...media })));
      demuxer.flush();
      let first = true;
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const { streams } = reader.description().value as { streams: Described[] };
        const stream = streams.find(({ index }) => index === record?.meta.streamIndex);
        if (first && stream?.type === "video") {
          seen.push(`${stream.codec} ${stream.widthPx} ${record.meta.key}`);
          first = false;
        }
      }
    }
    assert.deepEqual(seen, ["h264 320 true", "hevc 640 true", "h264 320 true"]);
    assert.equal(demuxer.statistics().videoPackets, 45);
  } finally {
    reader.close();
    demuxer.close();
  }
});

test("counters tell what came in, and a closed demuxer says that it is closed", async () => {
  const demuxer = new TsDemuxer({ packetRing: randomRing("packets"), cameraId: "test" });
  demuxer.push(Buffer.alloc(188 * 5, 0xff), 5n);
  const statistics = demuxer.statistics();
  assert.equal(statistics.state, "waiting");
  assert.equal(statistics.bytes, 188 * 5);
  assert.equal(statistics.lastArrivalMonoNs, 5n);
  assert.equal(statistics.codec, "");
  demuxer.close();
  demuxer.close();
  assert.throws(() => demuxer.push(Buffer.alloc(188)), code("MEDIA_CLOSED"));
});

test("a ring name that a live writer owns is refused, and so is one that no ring may have", () => {
  const packetRing = randomRing("packets");
  const first = new TsDemuxer({ packetRing, cameraId: "test" });
  assert.throws(() => new TsDemuxer({ packetRing, cameraId: "test" }), code("MEDIA_RING_EXISTS"));
  first.close();
  assert.throws(() => new TsDemuxer({ packetRing: "no/slash", cameraId: "test" }), code("MEDIA_INVALID_ARGUMENT"));
  assert.throws(() => new TsDemuxer({ packetRing: "", cameraId: "test" }), code("MEDIA_INVALID_ARGUMENT"));
  assert.throws(() => ByteRingReader.open(packetRing), code("RING_NOT_FOUND"));
});
