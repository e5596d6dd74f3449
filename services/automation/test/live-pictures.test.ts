import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { SlotRingWriter } from "@lanthorn/rings";
import { makeTemporaryHome, waitUntil } from "@lanthorn/testing";
import { LivePictures } from "../src/live-pictures.ts";
import { Listener, Mosquitto } from "./mosquitto.ts";
import { detectionEvent, SmallHouse } from "./small-house.ts";

const WIDTH_PX = 1280;
const HEIGHT_PX = 720;
const LUMA_BYTES = WIDTH_PX * HEIGHT_PX;
const CHROMA_BYTES = LUMA_BYTES / 4;

/** A frame ring as decode writes it: grey pictures in yuv420p, no two alike. */
function frameRing(t: TestContext, prefix: string, camera: string): { publish(): void } {
  const slotBytes = LUMA_BYTES + 2 * CHROMA_BYTES;
  const ring = SlotRingWriter.create({ name: ringName(prefix, camera, "frames"), slots: 4, slotBytes });
  t.after(() => ring.close());
  let shade = 0;
  return {
    publish: () => {
      const { index, bytes } = ring.reserve();
      bytes.fill(128);
      bytes.fill(40 + (shade++ % 160), 0, LUMA_BYTES);
      const now = systemClock.monoNs();
      ring.publish(index, {
        ...{
          captureMonoNs: now,
          captureWallUs: BigInt(systemClock.wallUs()),
          arrivalMonoNs: now,
          pts90k: 0n,
          sourceSequence: 0n,
        },
        ...{ widthPx: WIDTH_PX, heightPx: HEIGHT_PX, key: true, bytes: slotBytes },
        ...{ pixelFormat: "yuv420p", colorSpace: "bt709", colorRange: "tv" },
        planes: [
          { offsetBytes: 0, strideBytes: WIDTH_PX },
          { offsetBytes: LUMA_BYTES, strideBytes: WIDTH_PX / 2 },
          { offsetBytes: LUMA_BYTES + CHROMA_BYTES, strideBytes: WIDTH_PX / 2 },
        ],
      });
    },
  };
}

/** Width and height of a JPEG: from its start-of-frame segment, ITU T.81 B.2.2. */
function sizeOf(jpeg: Buffer): { widthPx: number; heightPx: number } {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] === 0xc0 || jpeg[at + 1] === 0xc2) {
      return { heightPx: jpeg.readUInt16BE(at + 5), widthPx: jpeg.readUInt16BE(at + 7) };
    }
  }
  assert.fail("no start of frame");
}

test("a picture is the newest frame as a JPEG of at most the asked width", async (t) => {
  const home = makeTemporaryHome();
  t.after(() => home.remove());
  const ring = frameRing(t, home.ringPrefix, "porch");
  ring.publish();
  const pictures = new LivePictures(home.ringPrefix, 640, systemClock);
  const jpeg = await pictures.take("porch", new AbortController().signal);
  assert.ok(jpeg !== undefined);
  assert.deepEqual(sizeOf(jpeg), { widthPx: 640, heightPx: 360 });
});

test("a camera that is not decoded, or whose frames do not come, has no picture", async (t) => {
  const home = makeTemporaryHome();
  t.after(() => home.remove());
  const pictures = new LivePictures(home.ringPrefix, 640, systemClock);
  assert.equal(await pictures.take("porch", new AbortController().signal), undefined);
  frameRing(t, home.ringPrefix, "yard");
  assert.equal(await pictures.take("yard", new AbortController().signal), undefined);
});

test("a frame that comes within the wait is taken", async (t) => {
  const home = makeTemporaryHome();
  t.after(() => home.remove());
  const ring = frameRing(t, home.ringPrefix, "porch");
  const taking = new LivePictures(home.ringPrefix, 640, systemClock).take("porch", new AbortController().signal);
  await systemClock.sleep(100);
  ring.publish();
  assert.ok((await taking) !== undefined);
});

test("a live picture is published and retained, seldom while nothing happens and more often while something does", async (t) => {
  const house = new SmallHouse();
  await house.open();
  t.after(() => house.close());
  house.addCamera("porch");
  const ring = frameRing(t, house.home.ringPrefix, "porch");
  const frames = systemClock.every(100, () => ring.publish());
  t.after(frames);
  const broker = await Mosquitto.start();
  t.after(() => broker.remove());
  const heard = await Listener.connect(broker.url);
  t.after(() => heard.close());
  await using _service = await house.startAutomation(`mqtt.url=${broker.url}`, "picture.activeMs=500");
  const first = await heard.hears("lanthorn/porch/image");
  assert.deepEqual(sizeOf(first.bytes), { widthPx: 640, heightPx: 360 });
  await systemClock.sleep(1500);
  assert.equal(heard.of("lanthorn/porch/image").length, 1);
  house.writeEvent("new", detectionEvent("e1", "porch"));
  await waitUntil("more pictures", () => heard.of("lanthorn/porch/image").length >= 3);
});
