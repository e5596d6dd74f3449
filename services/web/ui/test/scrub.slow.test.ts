/** Looking along the timeline in Debian's Chromium, before real services: pictures of recorded moments at once, and never video. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requestJson, systemClock } from "@lanthorn/base";
import type { PreviewList } from "@lanthorn/contract";
import {
  CHROMIUM_PATH,
  launchChromium,
  makeTemporaryHome,
  makeTestMedia,
  type ServiceProcess,
  startService,
  type TemporaryHome,
  waitUntil,
} from "@lanthorn/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { CameraFeed } from "../../test/support/camera-feed.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const noChromium = existsSync(CHROMIUM_PATH) ? false : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;
const notBuilt = existsSync(`${DIST}/index.html`) ? false : "the page is not built: npm run build";
const SHOWN = '.timeline-preview[data-state="picture"] img';

describe("looking along the timeline", { skip: noChromium || notBuilt }, () => {
  let home: TemporaryHome;
  let browser: Browser;
  let feed: CameraFeed;
  let port = 0;
  let firstUs = 0;
  const services: ServiceProcess[] = [];

  before(async () => {
    home = makeTemporaryHome();
    services.push(await startService("cameras", home));
    const camera = { id: "street", name: "Street", source: { kind: "srt-listener" } };
    await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
    services.push(await startService("archive", home));
    const file = await makeTestMedia({ widthPx: 640, heightPx: 360, durationS: 20, gopFrames: 15 });
    feed = new CameraFeed({ prefix: home.ringPrefix, camera: "street", file });
    services.push(await startService("web", home, { arguments: ["--set", "http.port=0"] }));
    port = (await requestJson<{ port: number }>(home.runDir, "web", { path: "/status" })).port;
    await waitUntil("five seconds recorded without decode", async () => (await recordedS()) > 5, 60_000);
    services.push(await startService("decode", home, { arguments: ["--set", "previews.intervalS=1"] }));
    const previews = await waitUntil("ten previews", async () => (await listed()).available >= 10 && listed(), 60_000);
    firstUs = previews.previews[0]?.captureWallUs ?? 0;
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    for (const service of services.reverse()) {
      await service.stop();
    }
    feed?.close();
    home?.remove();
  });

  const recordedS = async () =>
    (await requestJson<{ cameras: { recordedS: number }[] }>(home.runDir, "archive", { path: "/status" })).cameras[0]
      ?.recordedS ?? 0;
  const listed = async () => {
    const toUs = systemClock.wallUs();
    const path = `/cameras/street/previews?fromUs=${toUs - 600e6}&toUs=${toUs}`;
    return await requestJson<PreviewList>(home.runDir, "archive", { path });
  };

  /** The camera's page at its shortest span, a minute, and what it has asked for. */
  async function open(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    const asked: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`http://localhost:${port}/recordings/street`);
    await page.waitForSelector('.timeline-canvas:not([data-segments="0"])');
    for (let press = 0; press < 5; press++) {
      await page.keyboard.press("+");
    }
    const bar = await page.locator(".timeline-canvas").boundingBox();
    assert.ok(bar !== null);
    /** Where an instant lies: now is at 94 % of a minute. */
    const xOf = (wallUs: number) => bar.x + bar.width * (0.94 - (systemClock.wallUs() - wallUs) / 60e6);
    const videos = () => asked.filter((path) => path.endsWith("recording.mp4"));
    return { page, asked, errors, bar, xOf, videos, [Symbol.asyncDispose]: () => context.close() };
  }

  const shownUs = (page: Page) => page.locator(SHOWN).getAttribute("data-wall-us", { timeout: 1000 }).then(Number);

  test("the pointer brings up the picture of its moment, wherever it goes, and no video is asked for", async () => {
    await using scene = await open();
    const { page, bar, xOf } = scene;
    const seen = new Map<number, number>();
    for (let step = 0; step < 12; step++) {
      const wallUs = firstUs + 500_000 + step * 700_000;
      await waitUntil("the picture of the moment", async () => {
        await page.mouse.move(xOf(wallUs), bar.y + 46); // the view moves on with the time
        const takenUs = await shownUs(page).catch(() => 0);
        seen.set(step, takenUs);
        return takenUs >= wallUs - 3_500_000 && takenUs <= wallUs + 1_500_000;
      });
    }
    assert.ok(new Set(seen.values()).size >= 4, `${[...seen.values()]}`);
    const size = await page
      .locator(SHOWN)
      .evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
    assert.deepEqual(size, [320, 180]);
    assert.deepEqual(scene.videos(), []);
    assert.ok(scene.asked.filter((path) => path.includes("preview")).length > 0);
    await page.mouse.move(bar.x + 100, bar.y - 200);
    await page.waitForSelector(".timeline-preview", { state: "detached" });
    assert.deepEqual(scene.errors, []);
  });

  test("a moment without a preview, and one without a recording, say so in words", async () => {
    await using scene = await open();
    const { page, bar, xOf } = scene;
    await waitUntil("words for no preview", async () => {
      await page.mouse.move(xOf(firstUs - 3_000_000), bar.y + 46);
      return (await page.locator('.timeline-preview[data-state="none"]').count()) > 0;
    });
    assert.equal(await page.locator(".timeline-preview").textContent(), "No preview of this moment");
    await page.keyboard.press("-"); // two minutes: from before the recording began
    await page.keyboard.press("-");
    await page.keyboard.press("-");
    await waitUntil("words for no recording", async () => {
      await page.mouse.move(bar.x + 4, bar.y + 46);
      return (await page.locator('.timeline-preview[data-state="unrecorded"]').count()) > 0;
    });
    assert.deepEqual(scene.videos(), []);
  });

  test("by keyboard too: Page Up looks back and is told in words, Escape leaves, Enter plays from there", async () => {
    await using scene = await open();
    const { page } = scene;
    await page.locator(".timeline-canvas").focus();
    await page.keyboard.press("PageUp");
    await page.keyboard.press("PageUp");
    await page.waitForSelector(SHOWN);
    assert.match(
      (await page.locator(".timeline [role=status]").first().textContent()) ?? "",
      /^Picture of .*Enter plays/,
    );
    await page.keyboard.press("Escape");
    await page.waitForSelector(".timeline-preview", { state: "detached" });
    assert.deepEqual(scene.videos(), []);
    for (let press = 0; press < 6; press++) {
      await page.keyboard.press("PageUp");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector('.camera-stage[data-mode="recorded"]');
    await waitUntil("the recording to be asked for", () => scene.videos().length > 0);
    assert.deepEqual(scene.errors, []);
  });

  test("on a phone a finger held still looks along the timeline, within the screen, and plays where it is lifted", async () => {
    await using scene = await open({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
    const { page, bar, xOf } = scene;
    const touch = await page.context().newCDPSession(page);
    const send = (type: "touchStart" | "touchMove" | "touchEnd", x: number) =>
      touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y: bar.y + 46 }] });
    const start = xOf(firstUs + 4_000_000);
    await send("touchStart", start);
    await page.waitForSelector(SHOWN);
    const wasUs = await shownUs(page);
    await waitUntil("another picture under the finger", async () => {
      await send("touchMove", xOf(firstUs + 7_000_000));
      await systemClock.sleep(100);
      await send("touchMove", xOf(firstUs + 7_400_000));
      return (await shownUs(page).catch(() => wasUs)) !== wasUs;
    });
    const box = await page.locator(".timeline-preview").boundingBox();
    assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 360 && box.y >= 0, JSON.stringify(box));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.deepEqual(scene.videos(), []);
    await send("touchEnd", 0);
    await page.waitForSelector(".timeline-preview", { state: "detached" });
    await page.waitForSelector('.camera-stage[data-mode="recorded"]');
    assert.deepEqual(scene.errors, []);
  });
});
