import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson } from "@lanthorn/base";
import { AutomationStatus } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { Mosquitto } from "./mosquitto.ts";
import { SmallHouse } from "./small-house.ts";

const openssl = spawnSync("openssl", ["version"]);

test("an mqtts broker is trusted with its authority's file, and refused in words without it", {
  skip: openssl.status === 0 ? false : "skipped: openssl is not installed, it makes the certificate",
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-tls-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const tls = { certFile: join(directory, "cert.pem"), keyFile: join(directory, "key.pem") };
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tls.keyFile, "-out", tls.certFile],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  chmodSync(tls.keyFile, 0o644);
  const broker = await Mosquitto.start({ tls });
  t.after(() => broker.remove());
  const house = new SmallHouse();
  await house.open();
  t.after(() => house.close());
  const status = async () =>
    AutomationStatus.parse(await requestJson(house.home.runDir, "automation", { path: "/status" })).broker;

  await using distrusting = await house.startAutomation(`mqtt.url=${broker.url}`);
  const lastError = await waitUntil("the refusal", async () => (await status()).lastError ?? undefined);
  assert.match(lastError, /certificate .* was not accepted .*mqtt\.caFile/);
  await distrusting.stop();

  await using _trusting = await house.startAutomation(`mqtt.url=${broker.url}`, `mqtt.caFile=${tls.certFile}`);
  await waitUntil("the connection", async () => (await status()).connected);
});
