import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson, requestSocket, socketPathOf, systemClock } from "@lanthorn/base";
import { openCameraDirectory, readCameraSecrets } from "@lanthorn/registry";
import { makeTemporaryHome, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";

const PORCH = { id: "porch", name: "Porch", source: { kind: "srt-listener" } };

interface Issued {
  readonly camera: { readonly id: string };
  readonly streamId: string;
  readonly passphrase: string;
}

async function ask(home: TemporaryHome, method: string, path: string, json?: unknown) {
  const reply = await requestSocket(home.runDir, "cameras", { method, path, ...(json === undefined ? {} : { json }) });
  return { status: reply.statusCode, body: reply.body.length === 0 ? undefined : JSON.parse(reply.body.toString()) };
}

test("a camera's life through the socket: created, listed, changed, re-keyed, forgotten, and seen by a reader", async () => {
  using home = makeTemporaryHome();
  await using service = await startService("cameras", home);
  const created = await ask(home, "POST", "/cameras", PORCH);
  assert.equal(created.status, 201);
  assert.deepEqual(Object.keys(created.body), ["camera", "streamId", "passphrase"]);

  const directory = openCameraDirectory(home.registryDir, { clock: systemClock });
  const stopping = new AbortController();
  directory.start(stopping.signal);
  assert.deepEqual(directory.cameras(), [created.body.camera]);

  const list = await ask(home, "GET", "/cameras");
  assert.deepEqual(list, {
    status: 200,
    body: { cameras: [{ ...created.body.camera, streamId: created.body.streamId }] },
  });
  assert.equal(JSON.stringify((await ask(home, "GET", "/status")).body).includes(created.body.passphrase), false);

  const changed = Promise.withResolvers<void>();
  directory.onChange(changed.resolve);
  assert.equal((await ask(home, "PATCH", "/cameras/porch", { name: "Door" })).body.name, "Door");
  await changed.promise;
  assert.equal(directory.cameras()[0]?.name, "Door");

  const rekeyed = await ask(home, "POST", "/cameras/porch/rekey");
  assert.notEqual(rekeyed.body.passphrase, created.body.passphrase);
  assert.equal((await ask(home, "POST", "/cameras/porch/rekey/complete")).status, 204);
  assert.equal(readCameraSecrets(home.registryDir, home.deviceKey).get("porch")?.passphrase, rekeyed.body.passphrase);

  assert.equal((await ask(home, "PUT", "/cameras/porch", { name: "Door", source: PORCH.source })).status, 200);
  assert.equal((await ask(home, "DELETE", "/cameras/porch")).status, 204);
  await waitUntil("the camera to be forgotten", () => directory.cameras().length === 0);
  directory.stop();
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});

test("bad requests are answered with the status and code that fit, and the service goes on", async () => {
  using home = makeTemporaryHome();
  await using _service = await startService("cameras", home);
  await ask(home, "POST", "/cameras", PORCH);
  const cases: readonly (readonly [string, string, unknown, number, string])[] = [
    ["POST", "/cameras", PORCH, 409, "CAMERA_EXISTS"],
    ["POST", "/cameras", { ...PORCH, id: 7 }, 400, "CAMERA_INVALID"],
    ["POST", "/cameras", { ...PORCH, colour: "red" }, 400, "CAMERA_INVALID"],
    ["POST", "/cameras", undefined, 400, "CAMERA_INVALID"],
    ["PUT", "/cameras/UPPER", { name: "n", source: PORCH.source }, 400, "CAMERA_INVALID"],
    ["PATCH", "/cameras/porch", {}, 400, "CAMERA_INVALID"],
    ["PATCH", "/cameras/gate", { enabled: true }, 404, "CAMERA_NOT_FOUND"],
    ["DELETE", "/cameras/gate", undefined, 404, "CAMERA_NOT_FOUND"],
    ["POST", "/cameras/gate/rekey", undefined, 404, "CAMERA_NOT_FOUND"],
    ["DELETE", "/cameras/%2e%2e%2fetc", undefined, 400, "CAMERA_INVALID"],
    ["GET", "/elsewhere", undefined, 404, "ROUTE_NOT_FOUND"],
  ];
  for (const [method, path, json, status, code] of cases) {
    const answer = await ask(home, method, path, json);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code], `${method} ${path}`);
  }
  assert.deepEqual(await postRaw(home, '{"id": "half'), [400, "REQUEST_INVALID"]);
  // Only its beginning is sent: the service hangs up on the rest, which a sender may learn before it has read the answer.
  const large = JSON.stringify({ ...PORCH, name: "x".repeat(2 * 1024 * 1024) });
  assert.deepEqual(await postRaw(home, large.slice(0, 1000), large.length), [413, "REQUEST_INVALID"]);
  assert.equal((await ask(home, "GET", "/health")).status, 200);
});

test("of many that create the same camera at once exactly one is given a key", async () => {
  using home = makeTemporaryHome();
  await using _service = await startService("cameras", home);
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(home, "POST", "/cameras", PORCH)));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, ...Array(19).fill(409)]);
  const winner = answers.find((answer) => answer.status === 201)?.body as Issued;
  assert.equal(readCameraSecrets(home.registryDir, home.deviceKey).get("porch")?.passphrase, winner.passphrase);
});

test("the socket is open to owner and group only, and metrics count the cameras", async () => {
  using home = makeTemporaryHome();
  await using _service = await startService("cameras", home);
  assert.equal(statSync(join(home.runDir, "cameras.sock")).mode & 0o777, 0o660);
  await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: PORCH });
  const metrics = await requestSocket(home.runDir, "cameras", { path: "/metrics" });
  assert.match(metrics.body.toString(), /^lanthorn_registry_cameras\{service="cameras"\} 1$/m);
});

test("neither a passphrase nor the device key is in the log, whatever happens", async () => {
  using home = makeTemporaryHome();
  await using service = await startService("cameras", home, { environment: { LANTHORN_LOG_LEVEL: "trace" } });
  const issued = (await ask(home, "POST", "/cameras", PORCH)).body as Issued;
  await ask(home, "POST", "/cameras", { ...PORCH, passphrase: issued.passphrase });
  await ask(home, "POST", "/cameras", { ...PORCH, id: "!", passphrase: issued.passphrase });
  await service.stop();
  assert.ok(service.log().includes("ready"));
  for (const secret of [issued.passphrase, home.deviceKey.toString("hex"), home.deviceKey.toString("base64")]) {
    assert.equal(service.log().includes(secret), false);
  }
});

test("a missing or short device key ends the start with its code and exit code 78", async () => {
  using home = makeTemporaryHome();
  home.writeCredential("device-key", "short");
  await assert.rejects(startService("cameras", home), { message: /code 78.*DEVICE_KEY_INVALID/s });
  home.writeCredential("device-key", home.deviceKey);
  await assert.rejects(startService("cameras", home, { environment: { CREDENTIALS_DIRECTORY: home.configDir } }), {
    message: /code 78.*CREDENTIAL_MISSING/s,
  });
});

/** Posts a body as it is, of which perhaps more is promised than sent; resolves to status and error code. */
function postRaw(
  home: TemporaryHome,
  body: string,
  promisedBytes = Buffer.byteLength(body),
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        socketPath: socketPathOf(home.runDir, "cameras"),
        method: "POST",
        path: "/cameras",
        headers: { "content-type": "application/json", "content-length": promisedBytes },
      },
      (reply) => {
        reply.once("data", (chunk) => {
          resolve([reply.statusCode ?? 0, JSON.parse(String(chunk)).error.code]);
          outgoing.destroy();
        });
      },
    );
    outgoing.on("error", reject).write(body);
  });
}
