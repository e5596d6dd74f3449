import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeTestMedia } from "@lanthorn/testing";
import { readMp4Facts } from "../src/recording/mp4-facts.ts";

/** ffmpeg as an independent maker of fragmented MP4. */
function fragmented(file: string, options: readonly string[] = []): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-"));
  const out = join(directory, "out.mp4");
  const flags = "empty_moov+default_base_moof+frag_keyframe";
  execFileSync("ffmpeg", ["-v", "error", "-i", file, "-c", "copy", ...options, "-movflags", flags, out]);
  const bytes = readFileSync(out);
  rmSync(directory, { recursive: true });
  return bytes;
}

test("codecs and the name of the video's are read from the beginning of a file", async () => {
  const bytes = fragmented(await makeTestMedia({ audio: "aac" }));
  const facts = readMp4Facts(bytes);
  assert.match(facts?.type ?? "", /^video\/mp4; codecs="avc1\.[0-9a-f]{6},mp4a\.40\.2"$/);
  assert.equal(facts?.videoName, "H.264");
  const other = readMp4Facts(fragmented(await makeTestMedia({ video: "hevc" }), ["-tag:v", "hvc1"]));
  assert.match(other?.type ?? "", /^video\/mp4; codecs="hvc1\./);
  assert.equal(other?.videoName, "H.265");
});

test("facts are there as soon as the movie box is, and not before", async () => {
  const bytes = fragmented(await makeTestMedia());
  const moov = Buffer.from(bytes).indexOf("moov") - 4;
  const moovBytes = Buffer.from(bytes).readUInt32BE(moov);
  assert.equal(readMp4Facts(bytes.subarray(0, moov + moovBytes - 1)), undefined);
  assert.notEqual(readMp4Facts(bytes.subarray(0, moov + moovBytes)), undefined);
});

test("what is no MP4 has no facts, and cannot make the reader hang", () => {
  assert.equal(readMp4Facts(new Uint8Array(0)), undefined);
  assert.equal(readMp4Facts(new Uint8Array(1000)), undefined);
  assert.equal(readMp4Facts(new Uint8Array(1000).fill(0xff)), undefined);
});
