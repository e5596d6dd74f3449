import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { Camera } from "@lanthorn/contract";
import { makeTemporaryHome } from "@lanthorn/testing";
import { CameraBridge } from "../src/camera-bridge.ts";
import { Store } from "../src/store.ts";
import { TopicTree } from "../src/topics.ts";
import { JPEG } from "./small-house.ts";

const row = { id: "hall", name: "Hall", source: { kind: "srt-listener" }, enabled: true, createdWallUs: 1 };

for (const privacy of [false, true]) {
  test(`the retained picture of a camera ${privacy ? "is taken back once it is" : "stays while it is not"} private`, (t) => {
    const home = makeTemporaryHome();
    const store = Store.open(home.stateDir("automation"), { maxMessages: 10 });
    t.after(() => {
      store.close();
      home.remove();
    });
    const retained = new Map<string, Buffer | string>();
    const now = { monoNs: systemClock.monoNs(), wallUs: systemClock.wallUs() };
    const bridge = new CameraBridge(
      Camera.parse({ ...row, recording: { privacy } }),
      {
        topics: new TopicTree("lanthorn", "homeassistant"),
        appliance: { id: "box_1", name: "Box", version: "1", url: "" },
        publisher: { retain: ({ topic, payload }) => void retained.set(topic, payload), wake: () => {} },
        store,
        occupancy: { holdOffMs: 1000, staleMs: 1000 },
        triggerMaxAgeMs: 1000,
        bootId: "boot",
      },
      now,
    );
    bridge.takePicture(JPEG);
    bridge.tick(now);
    assert.deepEqual(retained.get("lanthorn/hall/image"), privacy ? "" : JPEG);
  });
}
