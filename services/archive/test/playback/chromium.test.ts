import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import { chromium } from "playwright-core";
import { ArchiveRig } from "../support/archive-rig.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Runs in the page: plays a stream by Media Source Extensions, as a player that seeks does. */
const PLAY_BY_MSE = `async (type) => {
  const video = document.createElement("video");
  video.muted = true;
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  document.body.append(video);
  await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  const buffer = source.addSourceBuffer(type);
  buffer.appendBuffer(await (await fetch("/play.mp4?start=key-frame")).arrayBuffer());
  await new Promise((resolve, reject) => {
    buffer.addEventListener("updateend", resolve, { once: true });
    buffer.addEventListener("error", () => reject(new Error("append failed")), { once: true });
  });
  source.endOfStream();
  await video.play();
  video.currentTime = video.duration - 1;
  await new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
  return { ranges: video.buffered.length, start: video.buffered.start(0), end: video.buffered.end(0), error: video.error?.message };
}`;

/** Runs in the page: plays a stream by its address alone. */
const PLAY_BY_SRC = `async () => {
  const video = document.createElement("video");
  video.muted = true;
  video.playbackRate = 8;
  video.src = "/play.mp4";
  document.body.append(video);
  await video.play();
  await new Promise((resolve, reject) => {
    video.addEventListener("ended", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
  });
  const frames = video.getVideoPlaybackQuality();
  return { end: video.currentTime, width: video.videoWidth, frames: frames.totalVideoFrames };
}`;

test("a recording across two files plays in Chromium, by Media Source Extensions and by its address alone", async (context) => {
  if (!existsSync(CHROMIUM)) {
    context.skip(`SKIPPED: ${CHROMIUM} is missing (apt-get install chromium): playback in a browser was not tried`);
    return;
  }
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  const [second, first] = await waitUntil(
    "two closed segments",
    async () => {
      const { segments } = await rig.ask(LIST_SEGMENTS);
      const closed = segments.filter(({ state }) => state === "closed");
      return closed.length >= 2 ? closed : undefined;
    },
    30_000,
  );
  assert.ok(first && second);
  const path = `/cameras/street/recording.mp4?fromUs=${first.startWallUs + 2_500_000}&toUs=${second.startWallUs + 2_500_000}`;
  let type = "";
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    if (url.pathname !== "/play.mp4") {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>playback</title>");
      return;
    }
    const range = request.headers.range;
    const reply = await rig.request(path + url.search.replace("?", "&"), range === undefined ? {} : { range });
    type = `video/mp4; codecs="${String(reply.headers["x-codecs"])}"`;
    response.writeHead(reply.statusCode, reply.headers as Record<string, string>).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    const plain = (await page.evaluate(`(${PLAY_BY_SRC})()`)) as { end: number; width: number; frames: number };
    assert.equal(plain.width, 320);
    assert.ok(plain.end > 5 && plain.end < 6.2, `ended at ${plain.end} s`);
    const mse = (await page.evaluate(`(${PLAY_BY_MSE})(${JSON.stringify(type)})`)) as {
      ranges: number;
      start: number;
      end: number;
      error?: string;
    };
    assert.equal(mse.error, undefined);
    assert.equal(mse.ranges, 1, "no hole where the files meet");
    assert.ok(mse.start < 0.1 && mse.end > 5.8, JSON.stringify(mse));
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
});
