/**
 * A box to look at while working on the page: `node services/web/test/support/look.ts [--port 8420] [file…]`.
 * Real web service, registry, rings and decoder; the files are its cameras. Ctrl-C ends it.
 */
import { parseArgs } from "node:util";
import { requestJson, systemClock } from "@lanthorn/base";
import { makeTemporaryHome, makeTestMedia, startService } from "@lanthorn/testing";
import { CameraFeed } from "./camera-feed.ts";
import { StandInArchive } from "./stand-in-archive.ts";
import { linkOf, StandInIngest } from "./stand-in-ingest.ts";

const { values, positionals } = parseArgs({
  options: { port: { type: "string", default: "8420" } },
  allowPositionals: true,
});
const home = makeTemporaryHome();
const files =
  positionals.length > 0
    ? positionals
    : [
        await makeTestMedia({ widthPx: 1280, heightPx: 720, durationS: 20 }),
        await makeTestMedia({ widthPx: 1280, heightPx: 360, durationS: 20, audio: "aac", container: "ts" }),
      ];
const NAMES = ["Street", "Stereo", "Hallway", "Garden", "Garage", "Shop"];
const cameras = await startService("cameras", home);
const ingest = new StandInIngest(home.runDir);
const archive = new StandInArchive(home.runDir);
const feeds: CameraFeed[] = [];
for (const [index, file] of files.entries()) {
  const name = NAMES[index] ?? `Camera ${index}`;
  const id = name.toLowerCase().replaceAll(" ", "-");
  await requestJson(home.runDir, "cameras", {
    method: "POST",
    path: "/cameras",
    json: { id, name, source: { kind: "srt-listener" } },
  });
  feeds.push(new CameraFeed({ prefix: home.ringPrefix, camera: id, file, decode: true }));
}
await ingest.start();
await archive.start(
  home.ringPrefix,
  feeds.map(({ camera }) => camera),
);
const web = await startService("web", home, { arguments: ["--set", `http.port=${values.port}`] });
console.log(web.log().match(/"url":"([^"]+)"/)?.[1], home.root);

systemClock.every(1000, () => {
  ingest.links.length = 0;
  for (const { camera, source } of feeds) {
    const { widthPx, heightPx, fps } = source.statistics();
    ingest.links.push(linkOf(camera, { widthPx, heightPx, fps }));
  }
});
let round = 0;
systemClock.every(6000, async () => {
  const feed = feeds[round % feeds.length];
  if (feed?.frame() === undefined) {
    return;
  }
  round += 1;
  const box = { x: 0.1, y: 0.45, width: 0.12, height: 0.35 };
  const event = feed.beginEvent(box, ["motion", "person", "car"][round % 3]);
  for (let step = 0; step < 60; step++) {
    feed.moveEvent(event, { ...box, x: 0.1 + step * 0.012 });
    await systemClock.sleep(66);
  }
  feed.endEvent(event);
});
const end = async () => {
  await web.stop();
  await cameras.stop();
  await archive.stop();
  await ingest.stop();
  for (const feed of feeds) {
    feed.close();
  }
  home.remove();
  process.exit(0);
};
process.once("SIGINT", end).once("SIGTERM", end);
