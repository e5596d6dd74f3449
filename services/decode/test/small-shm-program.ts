/**
 * Child in a small /dev/shm: the decode service with a 4K camera ("large") and one of 320x180 ("small"), then some metadata as JSON.
 * Argument: what to wait for, refused or fewer.
 */
import { readFileSync } from "node:fs";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import { DecodeStatus } from "@lanthorn/contract";
import { TsDemuxer } from "@lanthorn/media";
import { SlotRingReader } from "@lanthorn/rings";
import { makeTemporaryHome, makeTestMedia, startService, waitUntil } from "@lanthorn/testing";

const expected = process.argv[2];
const ids = expected === "refused" ? ["large", "small"] : ["large"];
using home = makeTemporaryHome();
{
  await using _cameras = await startService("cameras", home);
  for (const id of ids) {
    const json = { id, name: id, source: { kind: "srt-listener" } };
    await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json });
  }
}
const sizes = { large: { widthPx: 3840, heightPx: 2160 }, small: { widthPx: 320, heightPx: 180 } } as const;
const demuxers: TsDemuxer[] = [];
for (const id of ids) {
  const size = sizes[id as keyof typeof sizes];
  const file = readFileSync(await makeTestMedia({ ...size, durationS: 1, fps: 5, gopFrames: 5, container: "ts" }));
  const demuxer = new TsDemuxer({ packetRing: `${home.ringPrefix}.${id}.packets`, cameraId: id });
  demuxers.push(demuxer);
  systemClock.every(1000, () => {
    demuxer.discontinuity();
    demuxer.push(file);
  });
}
await using service = await startService("decode", home);
const row = async (id: string) => {
  const { cameras } = DecodeStatus.parse(await requestJson(home.runDir, "decode", { path: "/status" }));
  return cameras.find((camera) => camera.id === id);
};
await waitUntil(`the large camera to be ${expected}`, async () => {
  const large = await row("large");
  return expected === "refused" ? large?.lastError?.includes("needs") : (large?.framesPublished ?? 0) > 0;
});
let leased = 0;
const watched = expected === "refused" ? "small" : "large";
await waitUntil("frames of the camera that has a ring", async () => ((await row(watched))?.framesPublished ?? 0) > 0);
const reader = SlotRingReader.open(`${home.ringPrefix}.${watched}.frames`);
for (let last = 0n; leased < 10; ) {
  await reader.wait(last, 5000);
  const lease = reader.leaseNewest(last);
  if (lease !== undefined) {
    last = lease.frame.sequence;
    leased += lease.bytes.length > 0 ? 1 : 0;
    lease.release();
  }
}
reader.close();
const health = await requestSocket(home.runDir, "decode", { path: "/health" });
const result = { large: await row("large"), small: await row("small"), leased, health: health.body.toString() };
const ended = await service.stop();
for (const demuxer of demuxers) {
  demuxer.close();
}
console.log(JSON.stringify({ ...result, ended }));
process.exit(0);
