/** Sources through libavformat: files at their own rate, loops, and what cannot be played. RTSP against a server: services/ingest. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ByteRingReader } from "@lanthorn/rings";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { StreamSource } from "../src/index.ts";
import { type Described, randomRing } from "./support/made-ring.ts";

test("an MP4 plays at its own rate, loops without a break in its times, and stands in the ring as Annex B", async () => {
  const url = await makeTestMedia({ durationS: 1, fps: 15, audio: "aac", container: "mp4" });
  const packetRing = randomRing("packets");
  const startNs = systemClock.monoNs();
  const source = StreamSource.open({ url, packetRing, cameraId: "test" });
  const reader = ByteRingReader.open(packetRing);
  try {
    await waitUntil("two and a half passes", () => source.statistics().videoPackets >= 38);
    const elapsedS = Number(systemClock.monoNs() - startNs) / 1e9;
    assert.ok(elapsedS > 2.2, `38 frames of 15 fps came in ${elapsedS} s`);
    const streams = (reader.description().value as { streams: Described[] }).streams;
    assert.deepEqual(
      streams.map(({ codec }) => codec),
      ["h264", "aac"],
    );
    reader.seek("oldest");
    let last: bigint | undefined;
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (record.meta.streamIndex !== 0) {
        continue;
      }
      assert.equal(record.payload.readUInt32BE(0) === 1 || record.payload.readUIntBE(0, 3) === 1, true);
      const dts = record.meta.dts90k ?? 0n;
      assert.equal(record.meta.discontinuity, last === undefined);
      assert.ok(last === undefined || (dts > last && dts - last < 9000n), `${last} then ${dts}`);
      last = dts;
    }
    assert.ok(last !== undefined);
  } finally {
    reader.close();
    source.close();
  }
});

test("a file that is not there, no video, another codec and garbage are told in words, and tried again", async () => {
  const garbage = join(tmpdir(), `${randomRing("garbage")}.mp4`);
  writeFileSync(garbage, Buffer.alloc(5000, "no video here "));
  const cases: [url: string, words: RegExp][] = [
    ["/nowhere/at-all.mp4", /No such file/],
    [await makeTestMedia({ video: "mpeg4", durationS: 1 }), /expected H.264 or H.265 video but the stream is mpeg4/],
    [garbage, /Invalid data|no streams/],
    ["rtsp://user:secret@127.0.0.1:9/none", /does not answer/],
  ];
  for (const [url, words] of cases) {
    const source = StreamSource.open({ url, packetRing: randomRing("packets"), cameraId: "test" });
    try {
      await waitUntil("an error", () => source.statistics().reconnects > 0);
      const { lastError, state, errors } = source.statistics();
      assert.match(lastError, words);
      assert.doesNotMatch(lastError, /secret/);
      assert.equal(state, "reconnecting");
      assert.ok(errors > 0);
    } finally {
      source.close();
    }
  }
});

test("a file that does not loop ends", async () => {
  const url = await makeTestMedia({ durationS: 1, container: "mp4" });
  const source = StreamSource.open({ url, packetRing: randomRing("packets"), cameraId: "test", loop: false });
  await waitUntil("the end", () => source.statistics().state === "ended");
  assert.equal(source.statistics().videoPackets, 15);
  source.close();
});
