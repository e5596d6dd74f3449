import assert from "node:assert/strict";
import { test } from "node:test";
import { requestJson, systemClock } from "@lanthorn/base";
import { openRegistryWriter, readCameraSecrets } from "@lanthorn/registry";
import { makeTemporaryHome, startService, waitUntil } from "@lanthorn/testing";

/** Each round kills the service at another moment of its writing. */
const ROUNDS = 8;

interface Issued {
  readonly camera: { readonly id: string };
  readonly passphrase: string;
}

test("a service killed while it writes leaves a good database that holds everything it had answered for", async () => {
  using home = makeTemporaryHome();
  const answered = new Map<string, string>();
  let refusedAfterKill = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await using service = await startService("cameras", home, { arguments: ["--set", "maxCameras=1000"] });
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; ; index++) {
        const id = `r${round}-w${writer}-${index}`;
        try {
          const json = { id, name: "n".repeat(60), source: { kind: "srt-listener" } };
          const issued = await requestJson<Issued>(home.runDir, "cameras", { method: "POST", path: "/cameras", json });
          answered.set(issued.camera.id, issued.passphrase);
        } catch {
          refusedAfterKill += 1;
          return;
        }
      }
    });
    const before = answered.size;
    await waitUntil("a camera is answered for", () => answered.size > before);
    await systemClock.sleep(round * 7);
    await service.kill9();
    await Promise.all(writers);

    const database = openRegistryWriter(home.registryDir); // plays back the journal, as the next start does
    assert.equal(database.pragma("integrity_check", { simple: true }), "ok");
    assert.deepEqual(database.pragma("foreign_key_check"), []);
    const halfMade = "select count(*) as n from camera where id not in (select camera_id from camera_secret)";
    assert.deepEqual(database.prepare(halfMade).get(), { n: 0 });
    database.close();
    const secrets = readCameraSecrets(home.registryDir, home.deviceKey);
    for (const [id, passphrase] of answered) {
      assert.equal(secrets.get(id)?.passphrase, passphrase, `${id} was answered for in round ${round} or before`);
    }
  }
  assert.equal(refusedAfterKill, ROUNDS * 4);
});
