/** The certificate of an RTSPS camera: kept at first use, held to afterwards, and changed by the owner alone. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Camera } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { House } from "./house.ts";
import { makeCertificate, RtspCamera } from "./rtsp-camera.ts";

const secrets = { user: "viewer", password: "not-to-be-seen" };

/** A certificate with its key in a directory of its own, and its fingerprint as openssl prints it. */
function identity(house: House, name: string) {
  const directory = join(house.home.root, name);
  mkdirSync(directory);
  const tls = makeCertificate(directory);
  const printed = new X509Certificate(readFileSync(tls.certificate)).fingerprint256;
  return { tls, printed, sha256: printed.replaceAll(":", "").toLowerCase() };
}

async function kept(house: House): Promise<string | null> {
  return Camera.parse(await house.ask("cameras", { path: "/cameras/hall" })).certificateSha256;
}

async function patch(house: House, certificateSha256: string | null): Promise<void> {
  await house.ask("cameras", { method: "PATCH", path: "/cameras/hall", json: { certificateSha256 } });
}

test("the first certificate is kept; another one is SOURCE_CERTIFICATE_CHANGED before a word is said, also after a restart, until it is accepted", async () => {
  await using house = await new House().open();
  const [first, second] = [identity(house, "first"), identity(house, "second")];
  const camera = await RtspCamera.start({ tls: first.tls, ...secrets });
  const { port } = camera;
  await house.register("hall", { kind: "rtsp", url: camera.url("rtsps") }, secrets);
  await house.linkWhen("hall", "streams", ({ packets }) => packets > 30);
  await waitUntil("the registry keeps it", async () => (await kept(house)) === first.sha256);
  await camera.stop();
  await house.linkWhen("hall", "is gone", ({ state }) => state === "disconnected");

  await using other = await RtspCamera.start({ port, tls: second.tls, ...secrets });
  const isRefused = async () =>
    await house.linkWhen("hall", "is refused", (link) =>
      /changed its certificate/.test(link.lastDisconnectCause ?? ""),
    );
  const refused = await isRefused();
  assert.equal(refused.state, "disconnected");
  assert.match(refused.lastDisconnectCause ?? "", new RegExp(`it shows ${second.sha256}, and ${first.sha256} is kept`));
  assert.match(refused.lastDisconnectCause ?? "", new RegExp(`PATCH /cameras/hall with .*${second.sha256}`));

  await house.services.at(-1)?.stop();
  await house.startIngest();
  await isRefused();
  assert.deepEqual(other.setups, []);
  assert.equal(await kept(house), first.sha256, "a camera cannot change what is kept");

  await patch(house, second.printed);
  await house.linkWhen("hall", "streams again", ({ state, packets }) => state === "connected" && packets > 30);
  assert.equal(await kept(house), second.sha256);

  await patch(house, first.sha256);
  await isRefused(); // the running connection ended as well
  await patch(house, null);
  await house.linkWhen("hall", "streams once more", ({ state }) => state === "connected");
  await waitUntil("the registry keeps the new one", async () => (await kept(house)) === second.sha256);
  const said = JSON.stringify(await house.status()) + house.services.map((service) => service.log()).join();
  assert.doesNotMatch(said, /not-to-be-seen/);
});

test("a closed port, an unknown name and a port without TLS are told in words", async (t) => {
  await using house = await new House().open();
  const plain = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("RTSP/1.0 400 Bad Request\r\n\r\n");
  }).listen(0, "127.0.0.1");
  t.after(() => plain.close());
  await once(plain, "listening");
  const { port } = plain.address() as AddressInfo;
  await house.register("off", { kind: "rtsp", url: "rtsps://127.0.0.1:1/main" });
  await house.register("nameless", { kind: "rtsp", url: "rtsps://no-such-camera.invalid/main" });
  await house.register("plain", { kind: "rtsp", url: `rtsps://127.0.0.1:${port}/main` });
  const cause = async (id: string, words: RegExp) =>
    await house.linkWhen(id, String(words), ({ lastDisconnectCause }) => words.test(lastDisconnectCause ?? ""));
  await cause("off", /nothing listens at this address and port/);
  await cause("nameless", /nobody knows a machine of this name/);
  await cause("plain", /does not speak TLS 1\.2 or newer at this port: .*Is it the port of rtsps/);
});
