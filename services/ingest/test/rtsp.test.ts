/** The RTSP lane against a real server: both transports, both codecs, digest authentication, TLS, and what goes wrong. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { PacketRingDescription } from "@lanthorn/contract";
import { ByteRingReader } from "@lanthorn/rings";
import { waitUntil } from "@lanthorn/testing";
import { House, packetRing } from "./house.ts";
import { makeCertificate, RtspCamera, type RtspCameraOptions } from "./rtsp-camera.ts";

const user = "viewer";
const password = "not-to-be-seen";

async function watch(house: House, id: string, camera: RtspCamera, secrets: object = {}, scheme?: "rtsps") {
  await house.register(id, { kind: "rtsp", url: camera.url(scheme) }, secrets);
  return await house.linkWhen(id, "streams", ({ packets, mbpsRecvRate }) => packets > 30 && mbpsRecvRate > 0);
}

/** Reads until there are enough pictures: of what ingest counts as packets, most may be sound. */
async function kindsInRing(house: House, id: string): Promise<unknown[]> {
  const reader = ByteRingReader.open(packetRing(house.home, id));
  const { streams } = PacketRingDescription.parse(reader.description().value);
  let last: bigint | undefined;
  let pictures = 0;
  while (pictures <= 20) {
    const record = reader.next();
    if (record === undefined) {
      assert.notEqual(await reader.wait(60_000), "timeout", `${pictures} pictures`);
      continue;
    }
    if (streams.some(({ index, type }) => index === record.meta.streamIndex && type === "video")) {
      const { dts90k = 0n } = record.meta;
      assert.ok(last === undefined || dts90k > last, `decoding times rise: ${last} then ${dts90k}`);
      last = dts90k;
      pictures += 1;
    }
  }
  reader.close();
  return streams.map(({ type, codec }) => [type, codec]).toSorted();
}

test("RTSP over TCP and over UDP, H.264 with AAC and H.265 with Opus, come through a digest login, unencrypted", async () => {
  await using house = await new House().open();
  const cases: [id: string, camera: RtspCameraOptions, transport: RegExp, kinds: unknown[]][] = [
    [
      "tcp",
      { audio: "aac" },
      /^RTP\/AVP\/TCP;.*interleaved=/,
      [
        ["audio", "aac"],
        ["video", "h264"],
      ],
    ],
    [
      "udp",
      { audio: "aac", transport: "udp" },
      /^RTP\/AVP(\/UDP)?;.*client_port=/,
      [
        ["audio", "aac"],
        ["video", "h264"],
      ],
    ],
    [
      "hevc",
      { video: "hevc", audio: "opus" },
      /^RTP\/AVP\/TCP;/,
      [
        ["audio", "opus"],
        ["video", "hevc"],
      ],
    ],
    ["hevc-udp", { video: "hevc", transport: "udp" }, /^RTP\/AVP(\/UDP)?;/, [["video", "hevc"]]],
  ];
  await Promise.all(
    cases.map(async ([id, options, transport, kinds]) => {
      await using camera = await RtspCamera.start({ ...options, user, password });
      const link = await watch(house, id, camera, { user, password });
      assert.match(camera.setups.at(-1) ?? "", transport);
      assert.deepEqual(
        [
          link.state,
          link.encrypted,
          link.keyLengthBits,
          link.light,
          link.codec,
          link.widthPx,
          link.lastDisconnectCause,
        ],
        ["connected", false, 0, "green", options.video ?? "h264", 320, null],
      );
      assert.ok(Math.abs((link.fps ?? 0) - 15) < 1.5, JSON.stringify(link));
      assert.deepEqual(await kindsInRing(house, id), kinds);
    }),
  );
  const everything = JSON.stringify(await house.status()) + house.services.map((service) => service.log()).join();
  assert.doesNotMatch(everything, /not-to-be-seen|viewer/);
});

test("RTSPS carries the same stream inside TLS, and its camera counts as encrypted", async () => {
  await using house = await new House().open();
  await using camera = await RtspCamera.start({ tls: makeCertificate(house.home.root), user, password });
  const link = await watch(house, "hall", camera, { user, password }, "rtsps");
  assert.deepEqual([link.state, link.encrypted, link.light], ["connected", true, "green"]);
});

test("an RTSP server that is killed and comes back is told as gone and read again, with a discontinuity", async () => {
  await using house = await new House().open();
  const camera = await RtspCamera.start();
  const reading = watch(house, "hall", camera);
  const { packets } = await reading;
  const reader = ByteRingReader.open(packetRing(house.home, "hall"));
  reader.seek("end");
  await camera.stop();
  const gone = await house.linkWhen("hall", "is gone", ({ state }) => state === "disconnected");
  assert.match(gone.lastDisconnectCause ?? "", /camera (went away|does not answer)/);
  assert.equal(gone.light, "off");
  await using _again = await RtspCamera.start({ port: camera.port });
  const back = await house.linkWhen("hall", "is back", (link) => link.packets > packets + 30);
  assert.deepEqual([back.state, back.reconnects], ["connected", 1]);
  let discontinuities = 0;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    discontinuities += record.meta.discontinuity ? 1 : 0;
  }
  assert.equal(discontinuities, 1);
  reader.close();
});

test("a wrong password, a wrong path, a closed port and an unknown name are told in words, without a secret", async () => {
  await using house = await new House().open();
  await using camera = await RtspCamera.start({ user, password });
  await using open = await RtspCamera.start();
  await house.register("locked", { kind: "rtsp", url: camera.url() }, { user, password: "wrong-wrong" });
  await house.register("lost", { kind: "rtsp", url: `${open.url()}-not-here` });
  await house.register("off", { kind: "rtsp", url: "rtsp://127.0.0.1:1/main" });
  await house.register("nameless", { kind: "rtsp", url: "rtsp://no-such-camera.invalid/main" });
  const cause = async (id: string, words: RegExp) =>
    await house.linkWhen(id, String(words), ({ lastDisconnectCause }) => words.test(lastDisconnectCause ?? ""));
  await cause("locked", /refuses the user name or the password \(401\)/);
  await cause("lost", /no stream at this path \(404\)/);
  await cause("off", /nothing listens at this address and port/);
  await cause("nameless", /nobody knows a machine of this name/);
  const everything = JSON.stringify(await house.status()) + house.services.map((service) => service.log()).join();
  assert.doesNotMatch(everything, /wrong-wrong|not-to-be-seen|viewer/);

  // A wrong password is tried again only after a minute: the camera might lock the account. A camera entered anew is read at once.
  await house.ask("cameras", { method: "DELETE", path: "/cameras/locked" });
  await waitUntil("ingest forgets it", async () => (await house.link("locked")) === undefined);
  await house.register("locked", { kind: "rtsp", url: camera.url() }, { user, password });
  await house.linkWhen("locked", "streams", ({ state }) => state === "connected");
});

test("a camera that hangs up is called again after 0.5 s, 1 s, 2 s: never in a tight loop", async () => {
  await using house = await new House().open();
  const callsNs: bigint[] = [];
  const server = createServer((socket) => {
    callsNs.push(systemClock.monoNs());
    socket.on("error", () => {});
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await house.register("hall", { kind: "rtsp", url: `rtsp://127.0.0.1:${port}/main` });
  await waitUntil("it called four times", () => callsNs.length >= 4);
  server.close();
  const gapsMs = callsNs.slice(1).map((ns, i) => Number(ns - (callsNs[i] ?? 0n)) / 1e6);
  for (const [i, leastMs] of [500, 1000, 2000].entries()) {
    assert.ok((gapsMs[i] ?? 0) >= leastMs - 50, `gaps ${gapsMs}`);
  }
});
