/** Previews end to end: decode makes them, the archive keeps those of what is recorded and gives them back, whatever is killed. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { CameraId, encodePreview, PREVIEW_PICTURES_TYPE, PreviewList, ringName } from "@lanthorn/contract";
import { ByteRingWriter, RECORD_TYPES } from "@lanthorn/rings";
import { startService, waitUntil } from "@lanthorn/testing";
import { decodeEntry, ENTRY_BYTES, FILE_HEAD_BYTES, isJpegOf } from "../../src/previews/preview-entry.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { madeJpeg } from "./made-previews.ts";

const CAMERA = CameraId.parse("street");
const QUICK = ["--set", "previews.intervalS=0.6"];

async function listOf(rig: ArchiveRig, count = 1000): Promise<PreviewList> {
  const toUs = systemClock.wallUs() + 60e6;
  const path = `/cameras/${CAMERA}/previews?fromUs=${toUs - 3_600e6}&toUs=${toUs}&count=${count}`;
  return PreviewList.parse(await rig.get(path));
}

test("pictures of a recorded camera are found by time, one or many; a kill of archive and decode loses none that was kept", async () => {
  await using rig = new ArchiveRig();
  await rig.feed(CAMERA);
  await rig.start();
  await using decode = await startService("decode", rig.home, { arguments: QUICK });
  const before = await waitUntil("five previews", async () => {
    const list = await listOf(rig);
    return list.available >= 5 && list;
  });
  const times = before.previews.map(({ captureWallUs }) => captureWallUs);
  assert.ok(times.slice(1).every((at, index) => at - (times[index] ?? at) >= 500_000));

  const third = before.previews[2];
  assert.ok(third !== undefined);
  const one = await rig.request(`/cameras/${CAMERA}/preview.jpg?atUs=${third.captureWallUs + 1000}`);
  assert.equal(one.headers["content-type"], "image/jpeg");
  assert.equal(Number(one.headers["x-capture-wall-us"]), third.captureWallUs);
  assert.match(String(one.headers["cache-control"]), /immutable/);
  assert.equal(one.body.length, third.jpegBytes);
  const newest = await rig.request(`/cameras/${CAMERA}/preview.jpg?atUs=${systemClock.wallUs() + 5e6}`);
  assert.equal(newest.headers["cache-control"], "no-cache", "a later picture may come");

  const many = await rig.request(
    `/cameras/${CAMERA}/previews.jpegs?fromUs=${times[0]}&toUs=${(times[4] ?? 0) + 1}&count=3`,
  );
  assert.equal(many.headers["content-type"], PREVIEW_PICTURES_TYPE);
  assert.deepEqual(
    picturesOf(many.body).map(({ wallUs }) => wallUs),
    [times[0], times[2], times[4]],
  );

  await rig.archive.kill9();
  await decode.kill9();
  await rig.start();
  await using _decode = await startService("decode", rig.home, { arguments: QUICK });
  const after = await waitUntil("further previews", async () => {
    const list = await listOf(rig);
    return list.available >= before.available + 3 && list;
  });
  const all = after.previews.map(({ captureWallUs }) => captureWallUs);
  assert.ok(times.every((at) => all.includes(at)));
  assert.equal(new Set(all).size, all.length, "none is kept twice");
  await rig.archive.stop();
  assert.ok(countWhole(rig.stateDir) >= after.available);
  const { counts, faults } = await rig.check();
  assert.deepEqual(faults, []);
  assert.ok(counts.previews >= after.available);
});

test("hostile records and pictures of times that are not recorded leave nothing behind", async () => {
  await using rig = new ArchiveRig();
  await rig.feed(CAMERA);
  await rig.start();
  await waitUntil("a recording", async () => (await rig.recordedS(CAMERA)) > 3);
  const { segments } = await rig.timeline(CAMERA);
  const recordedUs = (segments[0]?.startWallUs ?? 0) + 1_000_000;
  const ring = ByteRingWriter.create({
    name: ringName(rig.home.ringPrefix, CAMERA, "previews"),
    capacityBytes: 8 << 20,
  });
  const append = (payload: Buffer, type: number = RECORD_TYPES.snapshot) =>
    ring.append(
      {
        ...{ captureMonoNs: 0n, captureWallUs: 0n, arrivalMonoNs: 0n, pts90k: undefined, dts90k: undefined },
        ...{ duration90k: 0, type: type as 5, key: true, discontinuity: false, streamIndex: 0 },
      },
      payload,
    );
  const header = (captureWallUs: number, camera = CAMERA) => ({ camera, captureWallUs, widthPx: 320, heightPx: 180 });
  append(Buffer.from("no picture"));
  append(Buffer.alloc(0));
  append(Buffer.from([255, 255, 255, 255, 1]));
  append(encodePreview(header(recordedUs, CameraId.parse("other")), madeJpeg(100)));
  append(encodePreview(header(recordedUs), Buffer.from("GIF89a, and no JPEG")));
  append(encodePreview(header(recordedUs), madeJpeg(2 << 20)));
  append(encodePreview({ ...header(recordedUs), widthPx: -5 }, madeJpeg(100)));
  append(encodePreview(header(recordedUs), madeJpeg(100)), RECORD_TYPES.packet);
  for (const wallUs of [0, 1, recordedUs - 3_600e6, recordedUs + 86_400e6, Number.MAX_SAFE_INTEGER]) {
    append(encodePreview(header(wallUs), madeJpeg(100)));
  }
  append(encodePreview(header(recordedUs), madeJpeg(100)));
  for (let step = 1; step < 50; step++) {
    append(encodePreview(header(recordedUs + step * 1000), madeJpeg(100))); // a thousand a second
  }
  const list = await waitUntil("the one picture", async () => {
    const found = await listOf(rig);
    return found.available > 0 && found;
  });
  assert.deepEqual(
    list.previews.map(({ captureWallUs }) => captureWallUs),
    [recordedUs],
  );
  ring.close();
  const status = await rig.get<{ previews: { id: string; kept: number; refused: number; failed: number }[] }>(
    "/status",
  );
  const counts = status.previews.find(({ id }) => id === CAMERA);
  assert.deepEqual([counts?.kept, counts?.failed], [1, 0]);
  assert.ok((counts?.refused ?? 0) >= 8 + 49, JSON.stringify(counts));
  assert.equal((await rig.request("/health")).statusCode, 200);
  for (const [query, fault] of [
    ["preview.jpg", /atUs/],
    ["preview.jpg?atUs=-1", /atUs/],
    ["preview.jpg?atUs=1&withinS=1e9", /withinS/],
    ["preview.jpg?atUs=1&width=9", /width/],
    ["previews?fromUs=2&toUs=1", /toUs/],
    [`previews?fromUs=0&toUs=${Number.MAX_SAFE_INTEGER}`, /100 days/],
    ["previews?fromUs=0&toUs=5&count=0", /count/],
    ["previews.jpegs?fromUs=0&toUs=5&count=301", /count/],
  ] as const) {
    const answer = await rig.request(`/cameras/${CAMERA}/${query}`);
    assert.equal(answer.statusCode, 400, query);
    assert.match(answer.body.toString(), fault);
  }
  const missing = await rig.request(`/cameras/${CAMERA}/preview.jpg?atUs=${recordedUs - 60e6}`);
  assert.equal(missing.statusCode, 404);
  assert.match(missing.body.toString(), /ARCHIVE_PREVIEW_MISSING/);
  assert.equal((await rig.request("/cameras/..%2f..%2fetc/preview.jpg?atUs=1")).statusCode, 400);
  await rig.archive.stop();
  assert.equal(countWhole(rig.stateDir), 1);
});

/** The pictures of an answer with many. */
function picturesOf(body: Buffer): { wallUs: number; jpeg: Buffer }[] {
  const found: { wallUs: number; jpeg: Buffer }[] = [];
  for (let at = 0; at < body.length; ) {
    const bytes = body.readUInt32LE(at);
    const jpeg = body.subarray(at + 12, at + 12 + bytes);
    assert.equal(jpeg.readUInt16BE(0), 0xffd8);
    found.push({ wallUs: Number(body.readBigInt64LE(at + 4)), jpeg });
    at += 12 + bytes;
  }
  return found;
}

/** Pictures of all packs, each of which is whole and in its index. */
function countWhole(stateDir: string): number {
  const directory = join(stateDir, "previews", CAMERA);
  let count = 0;
  for (const name of readdirSync(directory).filter((each) => each.endsWith(".index"))) {
    const index = readFileSync(join(directory, name));
    const pack = readFileSync(join(directory, name.replace(".index", ".jpegs")));
    for (let at = FILE_HEAD_BYTES; at < index.length; at += ENTRY_BYTES) {
      const entry = decodeEntry(index, at);
      assert.ok(entry !== undefined);
      assert.ok(isJpegOf(entry, pack.subarray(entry.offsetBytes, entry.offsetBytes + entry.jpegBytes)));
      count += 1;
    }
  }
  return count;
}
