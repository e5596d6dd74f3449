import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { RecordingSettings } from "@lanthorn/contract";
import { openRegistryReader, readCameraSecrets, registryFileOf } from "@lanthorn/registry";
import { FakeClock, makeTemporaryHome, type TemporaryHome } from "@lanthorn/testing";
import { CameraStore } from "../src/camera-store.ts";
import { CameraCreate, CameraPatch, CertificateSeen, parseRequest } from "../src/requests.ts";

function openStore(
  t: TestContext,
  home: TemporaryHome = makeTemporaryHome(),
  deviceKey = home.deviceKey,
): { home: TemporaryHome; store: CameraStore } {
  const store = new CameraStore({
    registryDir: home.registryDir,
    deviceKey: () => deviceKey,
    maxCameras: 4,
    clock: new FakeClock(),
  });
  store.start();
  t.after(() => {
    store.stop();
    home.remove();
  });
  return { home, store };
}

function request(overrides: object = {}): CameraCreate {
  return CameraCreate.parse({ id: "porch", name: "Porch", source: { kind: "srt-listener" }, ...overrides });
}

function secretsOf(home: TemporaryHome, id = "porch") {
  return readCameraSecrets(home.registryDir, home.deviceKey).get(id);
}

function dataVersionWatch(home: TemporaryHome): () => number {
  const reader = openRegistryReader(home.registryDir);
  return () => Number(reader.pragma("data_version", { simple: true }));
}

test("a created camera is listed without its key, and its key can be read by who has the device key", (t) => {
  const { home, store } = openStore(t);
  const issued = store.create(request());
  assert.match(issued.passphrase ?? "", /^[A-Za-z0-9]{32}$/);
  assert.equal(issued.streamId, "#!::u=porch,r=porch/main,m=publish");
  assert.deepEqual(store.list(), [{ ...issued.camera, streamId: issued.streamId }]);
  assert.deepEqual(secretsOf(home), { streamIds: [issued.streamId, "porch"], passphrase: issued.passphrase });
});

test("no secret is in registry.db in clear, and only owner and group may read the file", (t) => {
  const { home, store } = openStore(t);
  const { passphrase } = store.create(request());
  store.create(
    request({ id: "gate", source: { kind: "rtsp", url: "rtsp://h/x" }, user: "gatekeeper", password: "open-sesame" }),
  );
  const bytes = readFileSync(registryFileOf(home.registryDir));
  for (const secret of [passphrase ?? "", "gatekeeper", "open-sesame"]) {
    assert.equal(bytes.includes(secret), false);
  }
  assert.equal(statSync(registryFileOf(home.registryDir)).mode & 0o777, 0o640);
});

test("a camera by RTSP keeps its user and password and has no passphrase", (t) => {
  const { home, store } = openStore(t);
  const issued = store.create(request({ source: { kind: "rtsp", url: "rtsp://h/x" }, user: "u", password: "p" }));
  assert.equal(issued.passphrase, null);
  const { streamIds: _, ...secrets } = secretsOf(home) ?? { streamIds: [] };
  assert.deepEqual(secrets, { user: "u", password: "p" });
  assert.throws(() => store.rekey("porch"), { code: "REKEY_NOT_SRT" });
});

test("an id that is taken is CAMERA_EXISTS and changes nothing", (t) => {
  const { home, store } = openStore(t);
  const { passphrase } = store.create(request());
  assert.throws(() => store.create(request({ name: "Other" })), { code: "CAMERA_EXISTS" });
  assert.equal(store.get("porch").name, "Porch");
  assert.equal(secretsOf(home)?.passphrase, passphrase);
});

test("the camera after the last allowed one is CAMERA_LIMIT", (t) => {
  const { store } = openStore(t);
  for (const id of ["a", "b", "c", "d"]) {
    store.create(request({ id }));
  }
  assert.throws(() => store.create(request({ id: "e" })), { code: "CAMERA_LIMIT", message: /4 cameras/ });
  assert.throws(() => store.ensure(request({ id: "e" })), { code: "CAMERA_LIMIT" });
  assert.equal(store.ensure(request({ id: "a" })).created, false);
});

test("ensure registers a camera that is not there and issues its key", (t) => {
  const { home, store } = openStore(t);
  const { created, issued } = store.ensure(request());
  assert.equal(created, true);
  assert.equal(secretsOf(home)?.passphrase, issued.passphrase);
});

test("ensure with the key that the camera holds writes nothing when nothing differs", (t) => {
  const { home, store } = openStore(t);
  const first = store.create(request());
  const dataVersion = dataVersionWatch(home);
  const before = dataVersion();
  const { created, issued } = store.ensure(request({ passphrase: first.passphrase }));
  assert.deepEqual([created, issued], [false, first]);
  assert.equal(dataVersion(), before);
});

test("ensure with another key, name or source makes the registry agree, and keeps when the camera was registered", (t) => {
  const { home, store } = openStore(t);
  const first = store.create(request());
  store.rekey("porch");
  const { issued } = store.ensure(request({ name: "Door", enabled: false, passphrase: "another-passphrase" }));
  assert.deepEqual(issued.camera, { ...first.camera, name: "Door", enabled: false });
  assert.deepEqual(secretsOf(home), { streamIds: [first.streamId, "porch"], passphrase: "another-passphrase" });
});

test("ensure without a key never tells the stored one: it issues a fresh key that replaces it", (t) => {
  const { home, store } = openStore(t);
  const first = store.create(request());
  const { issued } = store.ensure(request());
  assert.notEqual(issued.passphrase, first.passphrase);
  assert.equal(secretsOf(home)?.passphrase, issued.passphrase);
});

test("ensure repairs a key that another device key had sealed", (t) => {
  const { home, store } = openStore(t);
  store.create(request());
  store.stop();
  const otherKey = randomBytes(32);
  const { store: later } = openStore(t, home, otherKey);
  later.ensure(request({ passphrase: "0123456789" }));
  assert.equal(readCameraSecrets(home.registryDir, otherKey).get("porch")?.passphrase, "0123456789");
});

test("what is recorded has defaults, a patch merges into it, and what does not fit together is named", (t) => {
  const { store } = openStore(t);
  store.create(request());
  assert.deepEqual(store.get("porch").recording, RecordingSettings.parse({}));
  const window = { days: ["mon" as const], from: "22:00", to: "06:00", mode: "off" as const };
  store.patch("porch", { recording: { mode: "events", labels: ["person"], retention: { maxDays: 7 } } });
  store.patch("porch", { recording: { schedule: [window], retention: { minDays: 3 } } });
  const expected = {
    mode: "events",
    labels: ["person"],
    schedule: [window],
    retention: { maxDays: 7, minDays: 3 },
  };
  assert.deepEqual(store.get("porch").recording, RecordingSettings.parse(expected));
  assert.throws(() => store.patch("porch", { name: "Door", recording: { retention: { maxDays: 2 } } }), {
    code: "CAMERA_INVALID",
    message: /recording\.retention\.minDays: expected at most maxDays/,
  });
  assert.deepEqual(store.get("porch").recording, RecordingSettings.parse(expected));
  assert.equal(store.get("porch").name, "Porch", "a refused patch changes nothing");
  store.ensure(request({ name: "Gate" }));
  assert.deepEqual(store.get("porch").recording, RecordingSettings.parse(expected), "PUT does not name it");
});

test("a sub-stream's address is of its camera's kind, and goes when the camera comes another way", (t) => {
  const { store } = openStore(t);
  store.create(request({ source: { kind: "rtsp", url: "rtsp://gate/main" }, subSourceUrl: "rtsp://gate/sub" }));
  assert.equal(store.get("porch").subSourceUrl, "rtsp://gate/sub");
  for (const wrong of ["srt://gate:1", "rtsp://u:p@gate/sub", "rtsp://"]) {
    assert.throws(() => store.patch("porch", { subSourceUrl: wrong }), {
      code: "CAMERA_INVALID",
      message: /subSourceUrl/,
    });
  }
  store.patch("porch", { subSourceUrl: "rtsps://gate/small" });
  assert.equal(
    store.ensure(request({ source: { kind: "rtsp", url: "rtsp://gate/1" } })).issued.camera.subSourceUrl,
    "rtsps://gate/small",
  );
  assert.equal(store.ensure(request()).issued.camera.subSourceUrl, null);
  assert.throws(() => store.patch("porch", { subSourceUrl: "rtsp://gate/sub" }), {
    code: "CAMERA_INVALID",
    message: /stream id/,
  });
  assert.equal(store.patch("porch", { subSourceUrl: null }).subSourceUrl, null);
});

test("a patch changes what it names and nothing else", (t) => {
  const { store } = openStore(t);
  store.create(request());
  assert.deepEqual(store.patch("porch", { enabled: false }), { ...store.get("porch"), name: "Porch", enabled: false });
  assert.equal(store.patch("porch", { name: "Door" }).enabled, false);
});

test("a removed camera takes its keys with it, and may be registered anew", (t) => {
  const { home, store } = openStore(t);
  store.create(request());
  store.remove("porch");
  assert.deepEqual(store.list(), []);
  assert.equal(secretsOf(home), undefined);
  store.create(request());
});

test("a re-keyed camera may use both keys until the rekey is completed, then only the new one", (t) => {
  const { home, store } = openStore(t);
  const first = store.create(request());
  const next = store.rekey("porch");
  assert.notEqual(next.passphrase, first.passphrase);
  assert.deepEqual(secretsOf(home), {
    streamIds: [first.streamId, "porch"],
    passphrase: first.passphrase,
    nextPassphrase: next.passphrase,
  });
  store.completeRekey("porch");
  assert.deepEqual(secretsOf(home), { streamIds: [first.streamId, "porch"], passphrase: next.passphrase });
  store.completeRekey("porch");
  assert.equal(secretsOf(home)?.passphrase, next.passphrase);
});

test("what is asked of a camera that is not there is CAMERA_NOT_FOUND", (t) => {
  const { store } = openStore(t);
  for (const ask of [
    () => store.get("gate"),
    () => store.patch("gate", { enabled: true }),
    () => store.remove("gate"),
    () => store.rekey("gate"),
    () => store.completeRekey("gate"),
  ]) {
    assert.throws(ask, { code: "CAMERA_NOT_FOUND", kind: "not-found" });
  }
});

test("what was written is there after a restart", (t) => {
  const { home, store } = openStore(t);
  const issued = store.create(request());
  store.stop();
  const { store: later } = openStore(t, home);
  assert.deepEqual(later.get("porch"), { ...issued.camera, streamId: issued.streamId });
});

test("a port of its own is one camera's, whichever request gives it, and is free again when it goes", (t) => {
  const { store } = openStore(t);
  store.create(request({ source: { kind: "srt-listener", port: 9720 } }));
  const yard = { id: "yard", name: "Yard" };
  const taken = {
    code: "CAMERA_PORT_TAKEN",
    message: /UDP port 9720 is camera porch's own; camera yard needs another/,
  };
  assert.throws(() => store.create(request({ ...yard, source: { kind: "srt-listener", port: 9720 } })), taken);
  store.create(request(yard));
  assert.throws(() => store.patch("yard", { port: 9720 }), taken);
  assert.throws(() => store.ensure(request({ ...yard, source: { kind: "srt-listener", port: 9720 } })), taken);
  assert.deepEqual(store.patch("porch", { port: 9721 }).source, { kind: "srt-listener", port: 9721 });
  assert.deepEqual(store.patch("yard", { port: 9720 }).source, { kind: "srt-listener", port: 9720 });
  assert.deepEqual(store.patch("yard", { name: "Garden" }).source, { kind: "srt-listener", port: 9720 });
  assert.deepEqual(store.patch("yard", { port: null }).source, { kind: "srt-listener" });
});

test("user and password of an RTSP camera are changed by a patch, stored sealed, and mean nothing elsewhere", (t) => {
  const { home, store } = openStore(t);
  store.create(request({ source: { kind: "rtsp", url: "rtsp://192.0.2.1/main" }, user: "viewer", password: "old" }));
  store.patch("porch", { user: "owner", password: "not-to-be-seen" });
  assert.deepEqual([secretsOf(home)?.user, secretsOf(home)?.password], ["owner", "not-to-be-seen"]);
  assert.throws(() => store.patch("porch", { port: 9720 }), {
    code: "CAMERA_INVALID",
    message: /port: has no meaning/,
  });
  store.create(request({ id: "yard" }));
  assert.throws(() => store.patch("yard", { user: "owner", password: "not-to-be-seen" }), {
    code: "CAMERA_INVALID",
    message: /user: has no meaning for a camera by srt-listener/,
  });
});

test("the first certificate of an RTSPS camera is kept, the owner alone changes it, and another address forgets it", (t) => {
  const { store } = openStore(t);
  const [first, second] = ["a".repeat(64), "b".repeat(64)];
  const at = (url: string) => request({ source: { kind: "rtsp", url } });
  store.create(at("rtsps://10.0.0.5/main"));
  const kept = () => store.get("porch").certificateSha256;
  assert.equal(kept(), null);
  store.keepCertificate("porch", first);
  store.keepCertificate("porch", second);
  assert.equal(kept(), first);
  store.ensure(at("rtsps://10.0.0.5/other"));
  assert.equal(kept(), first);
  store.patch("porch", CameraPatch.parse({ certificateSha256: "BB:".repeat(31).concat("BB") }));
  assert.equal(kept(), second);
  store.patch("porch", { certificateSha256: null });
  assert.equal(kept(), null);
  store.keepCertificate("porch", first);
  store.ensure(at("rtsps://10.0.0.6/main"));
  assert.equal(kept(), null);
  store.keepCertificate("porch", first);
  store.ensure(request());
  assert.equal(kept(), null);
  store.keepCertificate("porch", first);
  assert.equal(kept(), null, "a camera that calls us has none");
  assert.throws(() => store.patch("porch", { certificateSha256: first }), { code: "CAMERA_INVALID" });
  assert.throws(() => store.keepCertificate("attic", first), { code: "CAMERA_NOT_FOUND" });
  for (const wrong of ["", "zz", "a".repeat(63), `${first}0`, 7]) {
    assert.throws(() => parseRequest(CertificateSeen, { sha256: wrong }), { code: "CAMERA_INVALID" });
  }
});
