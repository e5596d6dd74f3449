/** Fragmented MP4 judged by ffprobe and ffmpeg: no complaint at any level from warning up, right durations. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LanthornError } from "@lanthorn/base";
import { Fmp4Muxer, type MuxPacket } from "../src/index.ts";
import { decodeComplaints, ffprobe, frameMd5s } from "./support/ffmpeg.ts";
import { demuxed, type Taken } from "./support/made-ring.ts";

const directory = mkdtempSync(join(tmpdir(), "lanthorn-"));
after(() => rmSync(directory, { recursive: true }));

const code = (expected: string) => (error: unknown) => error instanceof LanthornError && error.code === expected;

/** The packets counted from the first dts of any stream, as archive and web do it. */
function fromZero(records: readonly Taken[]): MuxPacket[] {
  const times = records.map(({ meta }) => meta.dts90k ?? 0n);
  const start = times.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
  return records.map(({ meta, payload }) => ({
    streamIndex: meta.streamIndex,
    pts90k: (meta.pts90k ?? 0n) - start,
    dts90k: (meta.dts90k ?? 0n) - start,
    duration90k: meta.duration90k,
    key: meta.key,
    payload,
  }));
}

for (const [video, audio, bFrames, perFragment] of [
  ["h264", "aac", 0, 20],
  ["h264", "opus", 2, 50],
  ["hevc", "aac", 0, 20],
  ["hevc", "opus", 2, 1000],
  ["h264", "none", 0, 1],
] as const) {
  const name = `${video} with ${audio}, ${bFrames} B-frames, ${perFragment} packets a fragment`;
  test(`${name}: ffprobe and ffmpeg find nothing to complain about, and every picture is the same`, async () => {
    const { records, streams, file } = await demuxed({ video, audio, bFrames, durationS: 4 });
    const muxer = new Fmp4Muxer({ streams });
    const packets = fromZero(records);
    const parts = [muxer.initSegment()];
    for (let at = 0; at < packets.length; at += perFragment) {
      parts.push(muxer.fragment(packets.slice(at, at + perFragment)));
    }
    const made = join(directory, `${video}-${audio}-${perFragment}.mp4`);
    writeFileSync(made, Buffer.concat(parts));
    const { complaints, entries } = await ffprobe(made);
    assert.equal(complaints, "");
    assert.equal(await decodeComplaints(made), "");
    assert.equal(entries.streams.length, audio === "none" ? 1 : 2);
    assert.equal(entries.streams[0]?.codec_name, video);
    assert.equal(entries.streams[0]?.nb_read_packets, "60");
    assert.ok(Math.abs(Number(entries.format.duration) - 4) < 0.15, entries.format.duration);
    assert.deepEqual(await frameMd5s(made), await frameMd5s(file));
  });
}

test("the init segment is there before any packet, and data streams are left out of it", async () => {
  const { streams } = await demuxed({ durationS: 1 });
  const muxer = new Fmp4Muxer({ streams: [...streams, { index: 9, type: "data", codec: "klv" }] });
  assert.equal(muxer.initSegment().toString("latin1", 4, 8), "ftyp");
  muxer.close();
  assert.throws(() => muxer.initSegment(), code("MEDIA_CLOSED"));
});

test("codecs that MP4 of ours does not hold, missing extradata and falling times are refused by name", async () => {
  const { records, streams } = await demuxed({ durationS: 1 });
  const wrong = (changes: object) => () => new Fmp4Muxer({ streams: streams.map((s) => ({ ...s, ...changes })) });
  assert.throws(wrong({ codec: "mpeg4" }), /h264, hevc, aac or opus but received "mpeg4"/);
  assert.throws(wrong({ extradata: "" }), code("MEDIA_INVALID_ARGUMENT"));
  assert.throws(wrong({ extradata: "AAAA" }), /readable parameter sets/);
  const muxer = new Fmp4Muxer({ streams });
  const [first, second] = fromZero(records);
  assert.ok(first && second);
  muxer.fragment([second]);
  assert.throws(() => muxer.fragment([first]), /rising dts in stream 0/);
  assert.throws(() => muxer.fragment([]), code("MEDIA_INVALID_ARGUMENT"));
  const broken = {
    ...second,
    dts90k: second.dts90k + 1n,
    pts90k: second.pts90k + 1n,
    payload: Buffer.from("no start code"),
  };
  assert.throws(() => muxer.fragment([broken]), code("MEDIA_CORRUPT"));
});
