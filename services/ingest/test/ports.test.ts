/** Ports of their own, for encoders that cannot send a stream id, and the forms a stream id may have. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { startService, waitUntil } from "@lanthorn/testing";
import { FfmpegCamera } from "./ffmpeg-camera.ts";
import { House, packetRing } from "./house.ts";

async function bound(): Promise<{ port: number; close(): Promise<void> }> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

test("a camera with a port of its own comes in without a stream id, by AES-128 too, and is not let in at the common port", async () => {
  await using house = new House();
  const taken = await bound();
  house.home.writeConfig("ingest", `[srt.cameraPorts]\nporch = ${taken.port}\n`);
  await house.open();
  const { streamId, passphrase } = await house.register("porch");
  const blocked = await house.linkWhen("porch", "its port is taken", (link) => link.lastDisconnectCause !== null);
  assert.match(blocked.lastDisconnectCause ?? "", new RegExp(`UDP port ${taken.port} of camera porch is taken`));
  await taken.close();
  await house.linkWhen("porch", "its port is free", (link) => link.lastDisconnectCause === null);

  assert.notEqual(await new FfmpegCamera(house.url(streamId, passphrase)).ended, 0); // the common port
  const own = `srt://127.0.0.1:${taken.port}`;
  assert.notEqual(await new FfmpegCamera(`${own}?passphrase=wrong-wrong-wrong`).ended, 0);
  await using _camera = new FfmpegCamera(`${own}?passphrase=${passphrase}&pbkeylen=16`);
  const link = await house.linkWhen("porch", "streams", ({ packets }) => packets > 10);
  assert.deepEqual([link.state, link.keyLengthBits, link.encrypted], ["connected", 128, true]);
  const codes = (await house.rejections()).map(({ code }) => code).toSorted();
  assert.deepEqual(codes, [10, 1404]);
  const [description] = house.home.shmObjects().filter((name) => name === packetRing(house.home, "porch"));
  assert.ok(description !== undefined);
});

test("a port of its own is given, moved and taken back while ingest runs, and no two cameras can have one", async () => {
  await using house = await new House().open();
  const { streamId, passphrase } = await house.register("porch");
  const yard = await house.register("yard");
  const [first, second] = [await bound(), await bound()];
  await Promise.all([first.close(), second.close()]);
  const patch = async (id: string, json: object) =>
    await house.ask("cameras", { method: "PATCH", path: `/cameras/${id}`, json });
  const ports = async () => (await house.status()).srtPorts.map(({ port, camera }) => [port, camera]);
  const common = [house.srtPort, null];
  for (const { port } of [first, second]) {
    await patch("porch", { port });
    await waitUntil(`ingest listens on ${port} alone`, async () => {
      return JSON.stringify(await ports()) === JSON.stringify([common, [port, "porch"]]);
    });
    await using camera = new FfmpegCamera(`srt://127.0.0.1:${port}?passphrase=${passphrase}&pbkeylen=32`);
    const before = (await house.link("porch"))?.packets ?? 0;
    await house.linkWhen("porch", `streams by ${port}`, (link) => link.state === "connected" && link.packets > before);
    assert.notEqual(await new FfmpegCamera(house.url(streamId, passphrase)).ended, 0); // not at the common port too
    const told = `camera porch must call port ${port}`;
    const row = await waitUntil("it is listed", async () => {
      return (await house.rejections()).find(({ reason }) => reason === told);
    });
    assert.equal(row.code, 1404); // to the caller the same as an unknown id
    await house.services.at(-1)?.logged(new RegExp(`turned a caller away: ${told}`));
    const link = await house.link("porch");
    assert.deepEqual([link?.state, (link?.lastDisconnectCause ?? "").includes(told)], ["connected", false]); // it need not be told
    await camera.finish();
    await house.linkWhen("porch", "has ended", ({ state }) => state === "disconnected");
  }
  const away = await new FfmpegCamera(house.url("porch", passphrase)).ended;
  assert.notEqual(away, 0);
  const advised = await house.linkWhen("porch", "is told its port", ({ lastDisconnectCause }) =>
    /must call port/.test(lastDisconnectCause ?? ""),
  );
  assert.equal(advised.lastDisconnectCause, `camera porch must call port ${second.port}: 127.0.0.1 called another one`);
  const wrongPort = `srt://127.0.0.1:${second.port}?streamid=yard&passphrase=${yard.passphrase}&pbkeylen=32`;
  assert.notEqual(await new FfmpegCamera(wrongPort).ended, 0);
  const misled = await waitUntil("it is listed", async () =>
    (await house.rejections()).find(({ code }) => code === 10),
  );
  assert.equal(misled.reason, `wrong passphrase; its stream id: camera yard must call port ${house.srtPort}`);
  await assert.rejects(patch("yard", { port: second.port }), { code: "CAMERA_PORT_TAKEN" });
  await patch("yard", { port: house.srtPort });
  const taken = await house.linkWhen("yard", "cannot have it", (link) => link.lastDisconnectCause !== null);
  assert.match(taken.lastDisconnectCause ?? "", /UDP port \d+ of camera yard is taken/);
  await patch("yard", { port: null });
  await patch("porch", { port: null });
  await waitUntil(
    "only the common port is left",
    async () => JSON.stringify(await ports()) === JSON.stringify([common]),
  );
  await using _camera = new FfmpegCamera(house.url(streamId, passphrase));
  await house.linkWhen("porch", "is back", ({ state }) => state === "connected");
});

test("two cameras on one port are refused at the start, by name", async () => {
  await using house = new House();
  house.home.writeConfig("ingest", "[srt.cameraPorts]\nporch = 9800\nyard = 9800\n");
  const ingest = await startService("ingest", house.home, { waitForReady: false });
  assert.notEqual((await ingest.ended).code, 0);
  assert.match(ingest.log(), /srt\.cameraPorts\.yard.*9800/s);
});

test("every form of stream id that an encoder may send names the same camera", async () => {
  await using house = await new House().open();
  const { passphrase } = await house.register("porch");
  const forms = ["porch", "#!::r=porch/main,m=publish", "#!::m=publish,u=porch,s=42", "%23!::u=porch,m=bidirectional"];
  for (const [i, form] of forms.entries()) {
    const camera = new FfmpegCamera(house.url(form, passphrase));
    await house.linkWhen(
      "porch",
      `${form} is in`,
      ({ state, reconnects }) => state === "connected" && reconnects === i,
    );
    await camera.finish();
    await waitUntil(`${form} is out`, async () => (await house.link("porch"))?.state === "disconnected");
  }
  assert.equal((await house.status()).rejectedCallers, 0);
});
