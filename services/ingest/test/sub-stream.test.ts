/** Two streams of one camera: each with its ring, its status and its end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { requestSocket } from "@lanthorn/base";
import { CAMERA_RINGS, PacketRingDescription, ringName, type StreamLink } from "@lanthorn/contract";
import { ByteRingReader, listRings, type RecordMeta } from "@lanthorn/rings";
import { waitUntil } from "@lanthorn/testing";
import { FfmpegCamera } from "./ffmpeg-camera.ts";
import { House } from "./house.ts";
import { RtspCamera } from "./rtsp-camera.ts";

async function subWhen(house: House, what: string, condition: (sub: StreamLink) => boolean): Promise<StreamLink> {
  return await waitUntil(`the sub-stream ${what}`, async () => {
    const sub = (await house.link("porch"))?.sub ?? null;
    return sub !== null && condition(sub) ? sub : undefined;
  });
}

/** ffmpeg begins its transport streams at 1.4 s; its second key frame comes a second later. */
const FIRST_GROUP_90K = 2n * 90_000n;

/** The first picture from where the reader stands; undefined when there is none yet. */
function firstPicture(reader: ByteRingReader): RecordMeta | undefined {
  const isVideo = ({ streamIndex }: RecordMeta) =>
    PacketRingDescription.parse(reader.description().value).streams.some(
      ({ index, type }) => index === streamIndex && type === "video",
    );
  let record = reader.next();
  while (record !== undefined && !isVideo(record.meta)) {
    record = reader.next();
  }
  return record?.meta;
}

test("main and sub-stream of a camera have a ring and a status each, and neither notices the other's end", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const subRing = ringName(house.home.ringPrefix, "porch", "packets-sub");
  assert.equal((await house.link("porch"))?.sub, null);
  assert.throws(() => ByteRingReader.open(subRing), { code: "RING_NOT_FOUND" }); // takes no memory before it is sent
  await using main = new FfmpegCamera(house.url(streamId, passphrase));
  const sub = new FfmpegCamera(house.url("porch/sub", passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 10);
  const link = await subWhen(house, "streams", ({ packets, light }) => packets > 10 && light !== "off");
  assert.deepEqual([link.state, link.keyLengthBits, link.codec, link.light], ["connected", 256, "h264", "green"]);
  assert.ok(link.msRcvTsbPdDelay >= 120);
  const metrics = (await requestSocket(house.home.runDir, "ingest", { path: "/metrics" })).body.toString();
  for (const stream of ["main", "sub"]) {
    assert.match(metrics, new RegExp(`_connected\\{camera="porch",stream="${stream}",service="ingest"\\} 1`));
  }
  assert.match(metrics, /_udp_buffer_bytes\{port="\d+",service="ingest"\} [1-9]/);

  const reader = ByteRingReader.open(subRing);
  const first = firstPicture(reader); // the ring was made when it called: what came until then was kept for it
  assert.ok(first?.key && (first.pts90k ?? 0n) < FIRST_GROUP_90K, `${first?.pts90k}`);
  await sub.stop(); // as when its power is cut
  const packets = (await house.link("porch"))?.packets ?? 0;
  await house.linkWhen("porch", "goes on", (now) => now.packets > packets + 50);
  const before = await subWhen(house, "is silent", ({ lastPacketAgeMs }) => (lastPacketAgeMs ?? 0) > 1200);
  const calls = ["#!::r=porch/sub,m=publish", `${streamId}/sub`];
  for (const [i, form] of calls.entries()) {
    const again = new FfmpegCamera(house.url(form, passphrase));
    await subWhen(house, `is back as ${form}`, (now) => now.reconnects === i + 1 && now.packets > before.packets);
    await again.finish();
    await subWhen(house, "is gone", ({ state }) => state === "disconnected");
  }
  let discontinuities = 0; // the ring outlives connections: the same reader sees all three
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    discontinuities += record.meta.discontinuity ? 1 : 0;
  }
  reader.close();
  assert.ok(discontinuities >= 2, `${discontinuities}`);

  const after = await subWhen(house, "stays gone", ({ state }) => state === "disconnected");
  await main.stop();
  assert.equal(after.light, "off");
  const whole = await house.link("porch");
  assert.deepEqual([whole?.reconnects, whole?.pktRcvDrop, whole?.continuityErrors], [0, 0, 0]);
});

test("the ring of a sub-stream that is recorded is there before its first packet, and begins with the camera's first key frame", async () => {
  await using house = await new House().open();
  const { passphrase } = await house.register("porch");
  const subRing = ringName(house.home.ringPrefix, "porch", "packets-sub");
  const recording = { streams: ["main", "sub"] };
  await house.ask("cameras", { method: "PATCH", path: "/cameras/porch", json: { recording } });
  const [ring] = await waitUntil("its ring", () => {
    const rings = listRings(subRing);
    return rings.length > 0 ? rings : undefined;
  });
  assert.equal(Number(ring?.capacityBytes), CAMERA_RINGS.packetsSubMiB * 2 ** 20);
  const reader = ByteRingReader.open(subRing);
  assert.equal(reader.next(), undefined);
  await using _sub = new FfmpegCamera(house.url("porch/sub", passphrase));
  await subWhen(house, "streams", ({ keyFrames }) => keyFrames > 0);
  const first = await waitUntil("its first picture", () => firstPicture(reader));
  assert.ok(first.key && (first.pts90k ?? 0n) < FIRST_GROUP_90K, `${first.pts90k}`);
  reader.close();
});

test("the sub-stream of a camera that is called has an address of its own, which may be given later and taken away", async () => {
  await using house = await new House().open();
  await using camera = await RtspCamera.start({ user: "viewer", password: "not-to-be-seen" });
  const secrets = { user: "viewer", password: "not-to-be-seen" };
  await house.register("porch", { kind: "rtsp", url: camera.url() }, secrets);
  await house.linkWhen("porch", "streams", ({ packets, sub }) => packets > 10 && sub === null);
  const change = async (json: object) => await house.ask("cameras", { method: "PATCH", path: "/cameras/porch", json });
  await change({ subSourceUrl: camera.url("rtsp", "127.0.0.1", "small") });
  const sub = await subWhen(house, "streams", ({ packets }) => packets > 10);
  assert.deepEqual([sub.state, sub.codec, sub.encrypted], ["connected", "h264", false]);
  ByteRingReader.open(ringName(house.home.ringPrefix, "porch", "packets-sub")).close();
  await change({ subSourceUrl: null });
  const main = await house.linkWhen("porch", "has no sub-stream", (link) => link.sub === null);
  assert.equal(main.reconnects, 0);
  assert.equal(camera.setups.length, 2); // the main stream was not called again
});

test("of a private camera nothing is taken in: its streams end, its callers are turned away, and the status says privacy", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const change = async (recording: object) =>
    await house.ask("cameras", { method: "PATCH", path: "/cameras/porch", json: { recording } });
  await using _main = new FfmpegCamera(house.url(streamId, passphrase));
  await using _sub = new FfmpegCamera(house.url("porch/sub", passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 0);
  await subWhen(house, "streams", ({ packets }) => packets > 0);
  await change({ privacy: true });
  const isOver = ({ state, lastDisconnectCause }: StreamLink) =>
    state === "disconnected" && /^privacy/.test(lastDisconnectCause ?? "");
  const { packets } = await house.linkWhen("porch", "is private", isOver);
  await subWhen(house, "is private", isOver);
  assert.notEqual(await new FfmpegCamera(house.url(streamId, passphrase)).ended, 0);
  assert.equal((await house.link("porch"))?.packets, packets);
  await change({ privacy: false });
  await house.linkWhen(
    "porch",
    "may send again",
    ({ lastDisconnectCause }) => !/^privacy/.test(lastDisconnectCause ?? ""),
  );
  await using _again = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "streams again", (link) => link.packets > packets);
});
