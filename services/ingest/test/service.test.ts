import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { requestJson, requestSocket } from "@lanthorn/base";
import { PacketRingDescription } from "@lanthorn/contract";
import { ByteRingReader } from "@lanthorn/rings";
import { makeTemporaryHome, startService, waitUntil } from "@lanthorn/testing";
import { FfmpegCamera } from "./ffmpeg-camera.ts";
import { GarbageCamera } from "./garbage-camera.ts";
import { House, type Issued, packetRing } from "./house.ts";

test("an encrypted camera's packets are in its ring, and its status tells the stream", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const reader = ByteRingReader.open(packetRing(house.home, "porch")); // there before the camera calls
  assert.equal((await house.link("porch"))?.state, "waiting");
  await using _camera = new FfmpegCamera(house.url(streamId, passphrase));

  const link = await house.linkWhen("porch", "two key frames", ({ keyFrameIntervalMs }) => keyFrameIntervalMs !== null);
  assert.deepEqual(
    [
      link.state,
      link.encrypted,
      link.keyLengthBits,
      link.light,
      link.codec,
      link.widthPx,
      link.heightPx,
      link.reconnects,
    ],
    ["connected", true, 256, "green", "h264", 320, 180, 0],
  );
  assert.ok(link.pktRecv > 0 && link.msRTT > 0 && link.mbpsRecvRate > 0 && link.packets > 0);
  assert.deepEqual([link.pktRcvDrop, link.pktRcvUndecrypt, link.continuityErrors, link.discardedBytes], [0, 0, 0, 0]);
  assert.ok(Math.abs((link.fps ?? 0) - 25) < 2, `fps ${link.fps}`);
  assert.ok(Math.abs((link.keyFrameIntervalMs ?? 0) - 1000) < 150, `key frame interval ${link.keyFrameIntervalMs}`);

  const description = PacketRingDescription.parse(reader.description().value);
  assert.deepEqual(description.streams.map(({ type, codec }) => [type, codec]).toSorted(), [
    ["audio", "aac"],
    ["video", "h264"],
  ]);
  const seen = { video: 0, key: 0, audio: 0 };
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    const isVideo = description.streams.some(
      ({ index, type }) => index === record?.meta.streamIndex && type === "video",
    );
    seen[isVideo ? "video" : "audio"] += 1;
    seen.key += isVideo && record.meta.key ? 1 : 0;
  }
  assert.ok(seen.video >= 26 && seen.key >= 2 && seen.audio > 0, JSON.stringify(seen));
  reader.close();

  const metrics = (await requestSocket(house.home.runDir, "ingest", { path: "/metrics" })).body.toString();
  assert.match(metrics, /lanthorn_ingest_connected\{camera="porch",stream="main",service="ingest"\} 1/);
  assert.match(metrics, /lanthorn_ingest_light\{camera="porch",stream="main",service="ingest"\} 1/);
  assert.match(metrics, /lanthorn_ingest_key_length_bits\{camera="porch",stream="main",service="ingest"\} 256/);
  assert.match(
    metrics,
    /lanthorn_ingest_key_frame_interval_seconds\{camera="porch",stream="main",service="ingest"\} \d/,
  );
  assert.match(
    metrics,
    /lanthorn_ingest_packets_received_total\{camera="porch",stream="main",service="ingest"\} [1-9]/,
  );
  assert.match(metrics, /lanthorn_ingest_receive_turns_total\{service="ingest"\} [1-9]/);
});

test("callers with a wrong key, no key or an unknown id never reach a ring and are listed, without any passphrase", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const reader = ByteRingReader.open(packetRing(house.home, "porch"));
  const wrong = "wrong-wrong-wrong-wrong";
  for (const url of [
    house.url(streamId, wrong),
    house.url(streamId, wrong),
    `srt://127.0.0.1:${house.srtPort}?streamid=porch`,
    house.url("nobody", passphrase),
  ]) {
    assert.notEqual(await new FfmpegCamera(url).ended, 0);
  }
  const list = await waitUntil("all are listed", async () => {
    const rejections = await house.rejections();
    return rejections.length === 3 ? rejections : undefined;
  });
  const told = list.map(({ code, count, peerHost }) => [code, count, peerHost]).toSorted();
  assert.deepEqual(told, [
    [10, 2, "127.0.0.1"],
    [11, 1, "127.0.0.1"],
    [1404, 1, "127.0.0.1"],
  ]);
  assert.equal((await house.status()).rejectedCallers, 4);
  assert.equal((await house.link("porch"))?.state, "waiting");
  assert.equal(reader.next(), undefined);
  reader.close();
  const everything = house.services.map((service) => service.log()).join() + JSON.stringify(list);
  assert.ok(!everything.includes(passphrase) && !everything.includes(wrong));
});

test("a camera that sends garbage is counted and reported, and the other one's picture has no gap", async () => {
  await using house = await new House().open();
  const porch = await house.register("porch");
  const liar = await house.register("liar");
  await using _camera = new FfmpegCamera(house.url(porch.streamId, porch.passphrase));
  await house.linkWhen("porch", "is connected", ({ packets }) => packets > 0);
  await using _liar = new GarbageCamera(house.url("liar", liar.passphrase));
  const link = await house.linkWhen("liar", "garbage is counted", ({ discardedBytes }) => discardedBytes > 10_000);
  assert.equal(link.packets, 0);
  assert.equal(link.codec, null);
  await house.services.at(-1)?.logged(/"camera":"liar".*the stream is damaged/, 15_000);
  const other = await house.linkWhen("porch", "goes on", ({ packets }) => packets > 50);
  assert.deepEqual([other.continuityErrors, other.discardedBytes, other.pktRcvDrop], [0, 0, 0]);
});

test("a camera that falls silent is told with the cause, and after its return the ring goes on as the same ring", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const reader = ByteRingReader.open(packetRing(house.home, "porch"));
  const camera = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 0);
  await camera.finish();
  const gone = await house.linkWhen("porch", "is gone", ({ state }) => state === "disconnected");
  assert.deepEqual([gone.lastDisconnectCause, gone.light], ["the camera ended the connection", "off"]);
  const before = gone.packets;
  await using _again = new FfmpegCamera(house.url(streamId, passphrase));
  const back = await house.linkWhen("porch", "is back", ({ packets }) => packets > before + 10);
  assert.deepEqual([back.state, back.reconnects], ["connected", 1]);
  let discontinuities = 0;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    discontinuities += record.meta.discontinuity ? 1 : 0;
  }
  assert.ok(discontinuities >= 1, "readers are told that the stream began anew");
  reader.close();
});

test("a camera without power is taken over by its own return, long before the old connection times out", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const camera = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 0);
  await camera.stop(); // SIGKILL: no shutdown message; libsrt would wait 5 s
  await waitUntil("it is silent for a second", async () => ((await house.link("porch"))?.lastPacketAgeMs ?? 0) > 1200);
  await using _again = new FfmpegCamera(house.url(streamId, passphrase));
  const back = await house.linkWhen("porch", "is back", ({ reconnects }) => reconnects === 1);
  assert.equal(back.lastDisconnectCause, "replaced by a new connection of the same camera");
});

test("switching a camera off drops its stream within two seconds and keeps its ring; removing it takes the ring away", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  await using _camera = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 0);
  const patch = { method: "PATCH", path: "/cameras/porch", json: { enabled: false } };
  await requestJson(house.home.runDir, "cameras", patch);
  const off = await house.linkWhen("porch", "is dropped", ({ state }) => state === "disconnected");
  assert.equal(off.lastDisconnectCause, "this camera is switched off");
  ByteRingReader.open(packetRing(house.home, "porch")).close();
  await requestJson(house.home.runDir, "cameras", { method: "DELETE", path: "/cameras/porch" });
  await waitUntil("ingest forgets it", async () => (await house.link("porch")) === undefined);
  assert.throws(() => ByteRingReader.open(packetRing(house.home, "porch")), { code: "RING_NOT_FOUND" });
});

test("a camera's new key is proved by its first call with it, and the old one is forgotten everywhere", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const rekey = { method: "POST", path: "/cameras/porch/rekey" };
  const { passphrase: next } = await requestJson<Issued>(house.home.runDir, "cameras", rekey);
  await using _camera = await waitUntil("the new key is let in", async () => {
    const camera = new FfmpegCamera(house.url(streamId, next));
    const link = await waitUntil("an answer", async () => {
      const answer = await Promise.race([camera.ended.then(() => "refused" as const), house.link("porch")]);
      return answer === "refused" || answer?.state === "connected" ? answer : undefined;
    });
    return link === "refused" ? undefined : camera;
  });
  await house.services.at(-1)?.logged(/"camera":"porch".*the old one is forgotten/);
  assert.notEqual(await new FfmpegCamera(house.url(streamId, passphrase)).ended, 0);
});

test("a camera that listens is called, called again after it went away, and its stream has the same status", async () => {
  await using house = await new House().open();
  const port = await freeUdpPort();
  const url = `srt://127.0.0.1:${port}`;
  const { passphrase } = await house.register("yard", { kind: "srt-caller", url });
  await house.linkWhen("yard", "nobody answers", ({ lastDisconnectCause }) =>
    /no answer/.test(lastDisconnectCause ?? ""),
  );
  const listening = `srt://127.0.0.1:${port}?mode=listener&passphrase=${passphrase}`;
  const camera = new FfmpegCamera(listening);
  const link = await house.linkWhen("yard", "streams", ({ packets }) => packets > 10);
  assert.deepEqual([link.state, link.keyLengthBits, link.encrypted, link.codec], ["connected", 256, true, "h264"]);
  await camera.finish();
  await house.linkWhen("yard", "is gone", ({ state }) => state !== "connected");
  await using _again = new FfmpegCamera(listening);
  await house.linkWhen("yard", "is back", ({ reconnects }) => reconnects === 1);
});

test("an RTSP camera that does not answer is told with the cause, unencrypted, and without its password", async () => {
  await using house = await new House().open();
  const secrets = { user: "viewer", password: "not-to-be-seen" };
  await house.register("hall", { kind: "rtsp", url: "rtsp://127.0.0.1:1/stream" }, secrets);
  const link = await house.linkWhen("hall", "has a cause", ({ lastDisconnectCause }) => lastDisconnectCause !== null);
  assert.deepEqual([link.state, link.encrypted, link.light], ["disconnected", false, "off"]);
  assert.doesNotMatch(JSON.stringify(await house.status()) + house.services.at(-1)?.log(), /not-to-be-seen|viewer/);
});

test("after kill -9 the next ingest takes over port, rings and callers by itself", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  await house.services.at(-1)?.kill9();
  await house.startIngest();
  await using _camera = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "streams", ({ packets }) => packets > 0);
});

test("a taken port ends the start with the port's number and the next step", async () => {
  using home = makeTemporaryHome();
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await new Promise((resolve) => socket.once("listening", resolve));
  const { port } = socket.address();
  const options = { arguments: ["--set", `srt.port=${port}`], waitForReady: false };
  const ingest = await startService("ingest", home, options);
  assert.deepEqual(await ingest.ended, { code: 73, signal: null });
  assert.match(ingest.log(), new RegExp(`SRT_PORT_TAKEN.*UDP port ${port} on 127.0.0.1 is taken`));
  socket.close();
});

test("the watchdog is fed while nobody calls, because the receive loop turns", async () => {
  using home = makeTemporaryHome();
  await using ingest = await startService("ingest", home, { arguments: ["--set", "srt.port=0"], watchdogMs: 200 });
  await waitUntil(
    "three signs of life",
    () => ingest.notifications().filter((line) => line === "WATCHDOG=1").length >= 3,
  );
  assert.deepEqual(await ingest.stop(), { code: 0, signal: null });
});

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await new Promise((resolve) => socket.once("listening", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
