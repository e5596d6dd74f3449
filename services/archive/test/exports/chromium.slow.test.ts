import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { ArchiveRig } from "../support/archive-rig.ts";
import { closedSegments, createExport, ended } from "../support/export-rig.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Runs in the page: plays a file by its address alone, and looks at its first picture. */
const PLAY = `async (address) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = address;
  document.body.append(video);
  await new Promise((resolve, reject) => {
    video.addEventListener("loadeddata", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
  });
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const first = Array.from(context.getImageData(4, 30, 96, 4).data); // the number of the picture, where the test picture has it
  const { duration } = video;
  video.playbackRate = 8;
  await video.play();
  await new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
  return { duration, end: video.currentTime, width: video.videoWidth, first };
}`;

test("exports of both kinds play in Chromium by their address alone, from the same first picture, to their end", async (context) => {
  if (!existsSync(CHROMIUM)) {
    context.skip(`SKIPPED: ${CHROMIUM} is missing (apt-get install chromium): playback in a browser was not tried`);
    return;
  }
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  const [first] = await closedSegments(rig, "street", 1);
  assert.ok(first);
  const asked = { cameras: ["street"], fromUs: first.startWallUs + 1_450_000, toUs: first.startWallUs + 4_450_000 };
  const ids = [];
  for (const mode of ["original", "burned-time"]) {
    const done = await ended(rig, (await createExport(rig, { ...asked, mode })).id);
    ids.push(`/exports/${done.id}/files/${done.files[0]?.name}`);
  }
  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    if (!path.startsWith("/exports/")) {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>playback</title>");
      return;
    }
    const { range } = request.headers;
    const reply = await rig.request(path, range === undefined ? {} : { range });
    response.writeHead(reply.statusCode, reply.headers as Record<string, string>).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const played = [];
    for (const path of ids) {
      played.push(
        (await page.evaluate(`(${PLAY})(${JSON.stringify(path)})`)) as {
          duration: number;
          end: number;
          width: number;
          first: number[];
        },
      );
    }
    for (const { duration, end, width } of played) {
      assert.equal(width, 320);
      assert.ok(Math.abs(duration - 3) <= 0.041, `${duration} s long`);
      assert.ok(Math.abs(end - duration) < 0.2, `ended at ${end} s`);
    }
    const [original, burned] = played;
    const apart = original?.first.map((value, index) => Math.abs(value - (burned?.first[index] ?? 0))) ?? [];
    const mean = apart.reduce((sum, value) => sum + value, 0) / apart.length;
    assert.ok(apart.length === 96 * 4 * 4 && mean < 15, `the first pictures differ by ${mean}`);
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
});
