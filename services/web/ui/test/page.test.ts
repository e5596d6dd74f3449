/** The page in Debian's Chromium, before real rings and a real web service. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { requestJson } from "@lanthorn/base";
import type { DetectionEvent } from "@lanthorn/contract";
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
import { StandInArchive } from "../../test/support/stand-in-archive.ts";
import { linkOf, StandInIngest } from "../../test/support/stand-in-ingest.ts";
import { weakContrasts } from "./support/weak-contrasts.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const FIRST_LOAD_BYTES_MAX = 300_000; // docs/design/lanthorn.md §7
const BOX = { x: 0.2, y: 0.2, width: 0.3, height: 0.4 };
const PATHS = ["/", "/events", "/recordings/street", "/system"];

const noChromium = existsSync(CHROMIUM_PATH) ? false : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;
const notBuilt = existsSync(`${DIST}/index.html`) ? false : "the page is not built: npm run build";

test("the first load is at most 300 kB compressed", { skip: notBuilt }, () => {
  const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length >= 4, `found only ${files.length} files`);
  const bytes = files.map((entry) => gzipSync(readFileSync(`${entry.parentPath}/${entry.name}`)).length);
  const total = bytes.reduce((sum, each) => sum + each, 0);
  assert.ok(total <= FIRST_LOAD_BYTES_MAX, `${total} bytes`);
});

test("the page names no other origin anywhere in what was built", { skip: notBuilt }, () => {
  const index = readFileSync(`${DIST}/index.html`, "utf8");
  assert.doesNotMatch(index, /https?:\/\//);
  assert.doesNotMatch(index, /<script>|<style>| style=| onclick=/); // the policy allows nothing inline
});

describe("the page", { skip: noChromium || notBuilt }, () => {
  let home: TemporaryHome;
  let cameras: ServiceProcess;
  let web: ServiceProcess;
  let ingest: StandInIngest;
  let archive: StandInArchive;
  let browser: Browser;
  let port = 0;
  const feeds: CameraFeed[] = [];

  before(async () => {
    home = makeTemporaryHome();
    cameras = await startService("cameras", home);
    ingest = new StandInIngest(home.runDir);
    archive = new StandInArchive(home.runDir);
    const media = {
      street: await makeTestMedia({ widthPx: 640, heightPx: 360, durationS: 20, audio: "aac" }),
      stereo: await makeTestMedia({ widthPx: 1280, heightPx: 360, durationS: 20 }),
    };
    for (const [id, file] of Object.entries(media)) {
      const camera = { id, name: id === "street" ? "Street" : "Stereo", source: { kind: "srt-listener" } };
      await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
      feeds.push(new CameraFeed({ prefix: home.ringPrefix, camera: id, file, decode: true }));
    }
    const quiet = { id: "quiet", name: "Garage", source: { kind: "srt-listener" } };
    await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: quiet });
    ingest.links.push(
      linkOf("street", { widthPx: 640, heightPx: 360 }),
      linkOf("stereo", { widthPx: 1280, heightPx: 360 }),
      linkOf("quiet", { state: "disconnected", light: "off", lastPacketAgeMs: 600_000 }),
    );
    await ingest.start();
    await archive.start(home.ringPrefix, Object.keys(media));
    web = await startService("web", home, { arguments: ["--set", "http.port=0"] });
    port = (await requestJson<{ port: number }>(home.runDir, "web", { path: "/status" })).port;
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    await web?.stop();
    await cameras?.stop();
    await archive?.stop();
    await ingest?.stop();
    for (const feed of feeds) {
      feed.close();
    }
    home?.remove();
  });

  /** A page whose console and requests are watched; close it by `await using`. */
  async function open(path: string, options: BrowserContextOptions = {}, host = "localhost") {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    const errors: string[] = [];
    const foreign: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => {
      const address = new URL(request.url());
      if (address.protocol !== "blob:" && address.host !== `${host}:${port}`) {
        foreign.push(request.url());
      }
    });
    page.on("websocket", (socket) => new URL(socket.url()).host !== `${host}:${port}` && foreign.push(socket.url()));
    await page.goto(`http://${host}:${port}${path}`);
    return { page, errors, foreign, [Symbol.asyncDispose]: () => context.close() };
  }

  /** Pixels of a tile's picture, as one number that changes with it. */
  const digest = async (page: Page, selector: string) => (await page.locator(selector).screenshot()).toString("base64");

  async function assertMoves(page: Page, camera: string): Promise<void> {
    const tile = `[data-camera="${camera}"]`;
    await page.waitForSelector(`${tile}[data-state="playing"]`);
    const first = await digest(page, `${tile} .stage`);
    await waitUntil("another picture", async () => (await digest(page, `${tile} .stage`)) !== first);
  }

  test("live pictures move by WebCodecs, with no error and no request to anyone else", async () => {
    await using scene = await open("/");
    await assertMoves(scene.page, "street");
    await assertMoves(scene.page, "stereo");
    assert.equal(await scene.page.getAttribute('[data-camera="street"]', "data-player"), "webcodecs");
    assert.deepEqual(scene.errors, []);
    assert.deepEqual(scene.foreign, []);
  });

  test("live pictures move by MSE and stay near the live edge", async () => {
    await using scene = await open("/?player=mse", {}, "127.0.0.1");
    await assertMoves(scene.page, "street");
    assert.equal(await scene.page.getAttribute('[data-camera="street"]', "data-player"), "mse");
    const behindS = await scene.page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-camera="street"] video');
      return video === null ? -1 : video.buffered.end(video.buffered.length - 1) - video.currentTime;
    });
    assert.ok(behindS >= 0 && behindS < 2, `${behindS} s behind`);
    assert.deepEqual(scene.errors, []);
    assert.deepEqual(scene.foreign, []);
  });

  test("a camera that is off says so in words", async () => {
    await using scene = await open("/");
    const tile = scene.page.locator('[data-camera="quiet"]');
    await tile.getByText("Last seen 10 min ago").waitFor();
    assert.equal(await tile.locator("strong").textContent(), "Offline");
  });

  test("an event appears beside the live view as it happens, lights the tile, and its recording plays", async () => {
    const feed = feeds[0];
    assert.ok(feed !== undefined);
    await using scene = await open("/");
    await scene.page.waitForSelector('[data-camera="street"][data-state="playing"]');
    const event = feed.beginEvent(BOX, "person");
    const item = scene.page.locator(`[data-event="${event.id}"]`);
    await item.getByText("Now").waitFor();
    await scene.page.waitForSelector('[data-camera="street"].lit');
    const before = await digest(scene.page, '[data-camera="street"] .overlay');
    await waitUntil("a box over the picture", async () => {
      feed.moveEvent(event, BOX);
      return scene.page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-camera="street"] .overlay');
        const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        return pixels?.some((value) => value > 0) ?? false;
      });
    });
    assert.ok(before.length > 0);
    feed.endEvent(event);
    await item.getByText("Now").waitFor({ state: "detached" });
    await item.click();
    await scene.page.waitForSelector('.clip[data-state="playing"]');
    const first = await digest(scene.page, ".clip");
    await waitUntil("moving pictures", async () => (await digest(scene.page, ".clip")) !== first);
    await scene.page.keyboard.press("Escape");
    await scene.page.waitForSelector(".event-dialog", { state: "detached" });
    assert.deepEqual(scene.errors, []);
    assert.deepEqual(scene.foreign, []);
  });

  test("an event without a picture shows a sign for it, and the browser has nothing to complain of", async () => {
    const event = { ...[...archive.events.values()][0], id: randomUUID(), label: "visitor" } as DetectionEvent;
    archive.events.set(event.id, event);
    await using scene = await open("/events");
    await scene.page.locator(`[data-event="${event.id}"] .no-picture`).waitFor();
    archive.events.delete(event.id);
    assert.deepEqual(scene.errors, []);
  });

  test("any recorded moment plays from the timeline, by mouse and by keyboard, and live is one key away", async () => {
    await using scene = await open("/recordings/street");
    const { page } = scene;
    const stage = page.locator(".camera-stage");
    await page.waitForSelector('.camera-stage[data-state="playing"]');
    await page.waitForSelector('.timeline-canvas:not([data-segments="0"])');
    await waitUntil(
      "ten seconds of recording",
      () => feeds[0] !== undefined && feeds[0].source.statistics().videoPackets > 300,
      60_000,
    );
    for (let press = 0; press < 5; press++) {
      await page.keyboard.press("+"); // 30 min to the shortest span: one minute
    }
    const area = await page.locator(".timeline-canvas").boundingBox();
    assert.ok(area !== null);
    const newestX = area.x + area.width * 0.94;
    await page.mouse.click(newestX - area.width * (14 / 60), area.y + 48); // 14 s ago
    await page.waitForSelector('.camera-stage[data-mode="recorded"][data-state="playing"]');
    const first = await page.locator(".sign.recorded").textContent();
    await waitUntil("time to go on", async () => (await page.locator(".sign.recorded").textContent()) !== first);
    await page.keyboard.press("Space");
    await page.waitForSelector('.camera-stage[data-state="paused"]');
    const paused = await page.locator(".sign.recorded").textContent();
    await page.keyboard.press("ArrowLeft");
    await waitUntil("a second back", async () => (await page.locator(".sign.recorded").textContent()) !== paused);
    await page.keyboard.press("End");
    await page.waitForSelector('.camera-stage[data-mode="live"][data-state="playing"]');
    assert.equal(await stage.getAttribute("data-mode"), "live");
    assert.deepEqual(scene.errors, []);
    assert.deepEqual(scene.foreign, []);
  });

  for (const [name, width, height] of [
    ["a phone of 360 px", 360, 640],
    ["a desktop", 1440, 900],
  ] as const) {
    test(`nothing scrolls sideways on ${name}, in light and dark`, async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const path of PATHS) {
          await using scene = await open(path, { viewport: { width, height }, colorScheme });
          await scene.page.waitForSelector("h1");
          await waitUntil("data", async () => (await scene.page.locator(".skeleton").count()) === 0);
          const [content, view] = await scene.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
          assert.equal(content, view, `${path} ${colorScheme}`);
          const background = await scene.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          const light = Number(/\d+/.exec(background)?.[0]) > 128;
          assert.equal(light, colorScheme === "light", `${path}: ${background}`);
          assert.deepEqual(scene.errors, [], path);
          assert.deepEqual(scene.foreign, [], path);
        }
      }
    });
  }

  test("the switch chooses a theme against the system's and remembers it", async () => {
    await using scene = await open("/system", { colorScheme: "light" });
    await scene.page.getByRole("button", { name: "Dark" }).click();
    const background = () => scene.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.match(await background(), /^rgb\(1\d, 1\d, 1\d\)$/);
    await scene.page.reload();
    assert.match(await background(), /^rgb\(1\d, 1\d, 1\d\)$/);
  });

  test("every control has a name, and everything can be reached by keyboard", async () => {
    for (const path of PATHS) {
      await using scene = await open(path);
      await scene.page.waitForSelector("h1");
      await waitUntil("data", async () => (await scene.page.locator(".skeleton").count()) === 0);
      const nameless = await scene.page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("button, a, select, input, [role=slider]")]
          .filter((element) => element.offsetParent !== null)
          .filter((element) => !(element.getAttribute("aria-label") ?? element.textContent ?? "").trim())
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(nameless, [], path);
      await scene.page.keyboard.press("Tab");
      const focused = await scene.page.evaluate(() => document.activeElement?.tagName);
      assert.notEqual(focused, "BODY", path);
    }
  });

  test("words stand out from what is behind them by 4.5 to 1 at least (WCAG AA), in light and dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const path of ["/events", "/system", "/recordings/street"]) {
        await using scene = await open(path, { colorScheme });
        await waitUntil("data", async () => (await scene.page.locator(".skeleton").count()) === 0);
        const weak = await scene.page.evaluate(weakContrasts);
        assert.deepEqual(weak, [], `${path} ${colorScheme}`);
      }
    }
  });

  test("a lost box is told, and everything comes back by itself once it is there again", async () => {
    await using scene = await open("/");
    const { page } = scene;
    await page.waitForSelector('[data-camera="street"][data-state="playing"]');
    await web.kill9();
    await page.getByText("Lost connection to the box").waitFor();
    web = await startService("web", home, { arguments: ["--set", `http.port=${port}`] });
    await page.getByText("Lost connection to the box").waitFor({ state: "detached", timeout: 60_000 });
    await page.waitForSelector('[data-camera="street"][data-state="playing"]', { timeout: 60_000 });
  });
});
