/** HLS as ffmpeg's own demuxer plays it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { NUMBERED_FPS, presentedBeeps, presentedNumbers } from "@lanthorn/testing";
import { NumberedCamera, overTcp } from "../support/numbered-camera.ts";

const numbersUpTo = (seconds: number, from = 0) =>
  Array.from({ length: seconds * NUMBERED_FPS }, (_, index) => from + index);
const partsOf = (playlist: string) => playlist.split("\n").filter((line) => line.includes(".m4s"));

test("a playlist plays over files, a gap and other parameters: every picture once, in order, the sound in step", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(90, { seconds: 12, bFrames: 2, gopFrames: 50 });
  await scene.record(60, { seconds: 12, bFrames: 2, gopFrames: 50, firstNumber: 1000 });
  const segments = await scene.end();
  const [first, last] = [segments[0], segments.at(-1)];
  assert.ok(first && last);
  const path = `/cameras/street/recording.m3u8?fromUs=${first.startWallUs + 500_000}&toUs=${last.endWallUs}`;
  const answer = await scene.rig.request(path);
  assert.equal(answer.headers["content-type"], "application/vnd.apple.mpegurl");
  const playlist = answer.body.toString();
  assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:VOD\n[\s\S]*#EXT-X-ENDLIST\n$/);
  assert.match(playlist, /#EXT-X-START:TIME-OFFSET=0\.5\d*,PRECISE=YES/);
  assert.equal(playlist.match(/#EXT-X-DISCONTINUITY\n/g)?.length, 1, playlist);
  assert.equal(playlist.match(/#EXT-X-MAP:/g)?.length, 1, playlist);
  const dates = playlist.match(/(?<=DATE-TIME:).*/g) ?? [];
  assert.deepEqual(
    dates.map((date) => Date.parse(date)),
    segments.map(({ startWallUs }) => Math.round(startWallUs / 1000)),
  );
  const lengthS = (playlist.match(/(?<=EXTINF:)[\d.]+/g) ?? []).reduce((sum, each) => sum + Number(each), 0);
  assert.ok(Math.abs(lengthS - 24) < 0.1, `${lengthS} s`);

  await using tcp = await overTcp(scene.rig.home.runDir);
  const url = tcp.url + path;
  const ffmpeg = ["-nostdin", "-v", "warning", "-i", url, "-f", "null", "-"];
  assert.equal((await promisify(execFile)("ffmpeg", ffmpeg)).stderr, "");
  assert.deepEqual(await presentedNumbers(url), [...numbersUpTo(12), ...numbersUpTo(12, 1000)]);
  const beepsS = await presentedBeeps(url);
  assert.equal(beepsS.length, 24);
  for (const [index, atS] of beepsS.entries()) {
    assert.ok(Math.abs(atS - (beepsS[0] ?? 0) - index) < 0.04, `tone ${index} at ${atS} s`);
  }

  const [part = ""] = partsOf(playlist);
  const whole = await scene.rig.request(`/cameras/street/${part}`);
  assert.equal(whole.statusCode, 200);
  assert.match(String(whole.headers["cache-control"]), /private, max-age=\d+, immutable/);
  const some = await scene.rig.request(`/cameras/street/${part}`, { range: "bytes=100-299" });
  assert.equal(some.headers["content-range"], `bytes 100-299/${whole.body.length}`);
  assert.ok(some.body.equals(whole.body.subarray(100, 300)));
});

test("other parameters are another initialisation segment behind a discontinuity", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(90, { seconds: 4, audio: false });
  await scene.end();
  await scene.record(60, { seconds: 4, audio: false, large: true, firstNumber: 100 });
  const segments = await scene.end();
  const [first, last] = [segments[0], segments.at(-1)];
  assert.ok(first && last);
  const path = `/cameras/street/recording.m3u8?fromUs=${first.startWallUs}&toUs=${last.endWallUs}`;
  const playlist = (await scene.rig.request(path)).body.toString();
  assert.match(playlist, /#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="recording\/init\/2\.mp4"/);
  const init = await scene.rig.request("/cameras/street/recording/init/2.mp4");
  assert.match(String(init.headers["x-codecs"]), /^avc1\.[0-9a-f]{6}$/i);
});

test("a playlist of what is still recorded grows at its end only, and ends when there is no more to come", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 8 });
  const nowUs = systemClock.wallUs();
  const ask = async (toUs: number) =>
    (
      await scene.rig.request(`/cameras/street/recording.m3u8?fromUs=${nowUs - 90_000_000}&toUs=${toUs}`)
    ).body.toString();
  const future = nowUs + 3_600_000_000;
  const before = await ask(future);
  assert.match(before, /#EXT-X-PLAYLIST-TYPE:EVENT/);
  assert.doesNotMatch(before, /ENDLIST/);
  await scene.record(40, { seconds: 8 });
  const after = await ask(future);
  assert.ok(partsOf(before).length >= 1 && partsOf(after).length > partsOf(before).length);
  assert.deepEqual(partsOf(after).slice(0, partsOf(before).length), partsOf(before));
  assert.match(after, /#EXT-X-TARGETDURATION:10\n/, "RFC 8216 §6.2.1: it must not change");
  await scene.end();
  const ended = await ask(nowUs - 10_000_000);
  assert.deepEqual(partsOf(ended).slice(0, partsOf(after).length), partsOf(after));
  assert.match(ended, /#EXT-X-ENDLIST\n$/);
});

test("what no playlist names is not given", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 6 });
  const [first] = await scene.end();
  assert.ok(first);
  const playlist = await scene.rig.request(
    `/cameras/street/recording.m3u8?fromUs=${first.startWallUs}&toUs=${first.endWallUs}`,
  );
  const [, id, start, end] = /recording\/(\d+)\/(\d+)-(\d+)\.m4s/.exec(playlist.body.toString()) ?? [];
  const refused: [string, number, string][] = [
    [`recording/${id}/${Number(start) + 1}-${end}.m4s`, 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    [`recording/${id}/${start}-${Number(end) + 1}.m4s`, 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    [`recording/${id}/${end}-${start}.m4s`, 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    [`recording/${id}/0-99999999999999.m4s`, 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    [`recording/999/${start}-${end}.m4s`, 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    [`recording/${id}/..%2f..%2fetc.m4s`, 400, "ARCHIVE_QUERY_INVALID"],
    [`recording/${id}/${start}-${end}.m4s?shift90k=1e99`, 400, "ARCHIVE_QUERY_INVALID"],
    ["recording/init/99.mp4", 404, "ARCHIVE_SEGMENT_UNKNOWN"],
    ["recording/init/../1.mp4", 404, "ROUTE_NOT_FOUND"],
    ["recording.m3u8?fromUs=5&toUs=5", 400, "ARCHIVE_QUERY_INVALID"],
    ["recording.m3u8?fromUs=5&toUs=6", 404, "ARCHIVE_NOTHING_RECORDED"],
  ];
  for (const [path, status, code] of refused) {
    const reply = await scene.rig.request(`/cameras/street/${path}`);
    const { error } = JSON.parse(reply.body.toString()) as { error: { code: string } };
    assert.deepEqual([path, reply.statusCode, error.code], [path, status, code]);
  }
  const other = await scene.rig.request(`/cameras/porch/recording/${id}/${start}-${end}.m4s`);
  assert.equal(other.statusCode, 404, "another camera's name does not open it");
});
