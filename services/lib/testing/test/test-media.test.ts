import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { test } from "node:test";
import { makeTestMedia, waitUntil } from "../src/index.ts";

function probe(file: string): { codec_name: string; nb_read_packets: string; width?: number }[] {
  const text = execFileSync(
    "ffprobe",
    ["-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets,width", "-of", "json", file],
    { encoding: "utf8" },
  );
  return JSON.parse(text).streams;
}

test("a media file has the asked picture, sound and length", async () => {
  const file = await makeTestMedia({ durationS: 2, fps: 10, widthPx: 160, heightPx: 96, audio: "aac" });
  const [video, audio] = probe(file);
  assert.deepEqual([video?.codec_name, video?.nb_read_packets, video?.width], ["h264", "20", 160]);
  assert.equal(audio?.codec_name, "aac");
});

test("the same request gives the same file, made once, also when asked twice at once", async () => {
  const [first, second] = await Promise.all([makeTestMedia({ durationS: 1 }), makeTestMedia({ durationS: 1 })]);
  assert.equal(first, second);
  const made = statSync(first).mtimeMs;
  assert.equal(statSync(await makeTestMedia({ durationS: 1 })).mtimeMs, made);
});

test("a request that ffmpeg refuses throws TEST_MEDIA_FAILED", async () => {
  await assert.rejects(makeTestMedia({ widthPx: -1 }), { code: "TEST_MEDIA_FAILED" });
});

test("waitUntil returns the first answer, and throws WAIT_TOO_LONG naming what it waited for", async () => {
  let asked = 0;
  assert.equal(await waitUntil("three", () => (++asked === 3 ? "there" : undefined)), "there");
  await assert.rejects(
    waitUntil("the moon", () => false, 50),
    { code: "WAIT_TOO_LONG", message: /the moon/ },
  );
});
