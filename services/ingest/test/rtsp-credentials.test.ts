/** A password that was wrong, or has changed in the camera, is corrected without registering the camera anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "./house.ts";
import { RtspCamera } from "./rtsp-camera.ts";

test("after a corrected password an RTSP camera is asked at once, though a refused login waits a minute", async () => {
  await using house = await new House().open();
  await using camera = await RtspCamera.start({ user: "viewer", password: "not-to-be-seen" });
  await house.register("hall", { kind: "rtsp", url: camera.url() }, { user: "viewer", password: "wrong" });
  await house.linkWhen("hall", "is refused", ({ lastDisconnectCause }) => /401/.test(lastDisconnectCause ?? ""));
  const json = { user: "viewer", password: "not-to-be-seen" };
  await house.ask("cameras", { method: "PATCH", path: "/cameras/hall", json });
  await house.linkWhen("hall", "streams", ({ packets }) => packets > 10);
  assert.doesNotMatch(JSON.stringify(await house.status()) + house.services.at(-1)?.log(), /not-to-be-seen/);
});
