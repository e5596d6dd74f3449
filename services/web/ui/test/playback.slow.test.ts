/**
 * Playback as a viewer has it: the built page in Chromium, the real web service, the real archive; pictures that carry their number and a
 * tone with every flash say what is presented when. Prints figures for docs/design/web.md#measured-playback:
 * npm run test:slow -- services/web/ui/test/playback.slow.test.ts
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requestJson, systemClock } from "@lanthorn/base";
import { type ArchiveStatus, ringName } from "@lanthorn/contract";
import {
  CHROMIUM_PATH,
  launchChromium,
  makeNumberedStream,
  makeTemporaryHome,
  NUMBERED_FPS,
  type ServiceProcess,
  StreamDelivery,
  startService,
  type TemporaryHome,
  waitUntil,
} from "@lanthorn/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { StandInIngest } from "../../test/support/stand-in-ingest.ts";
import { readPresented, watchPictures, watchSound } from "./support/presented.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const STRETCH_S = 60;
const MOMENTS = 24;
const SPAN_S = 300; // what the timeline shows while moments are clicked
interface Stretch {
  readonly startWallUs: number;
  readonly endWallUs: number;
}
const START_MS_MAX = 500;
const SYNC_MS_MAX = 40;
const WAIT_MS = 60_000;

const missing = existsSync(CHROMIUM_PATH)
  ? existsSync(`${DIST}/index.html`)
    ? false
    : "the page is not built: npm run build"
  : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;

describe("playback in Chromium", { skip: missing }, () => {
  let home: TemporaryHome;
  let browser: Browser;
  let url = "";
  let ingest: StandInIngest;
  const services: ServiceProcess[] = [];
  const deliveries: StreamDelivery[] = [];
  /** Recorded stretches. */
  let stretches: Stretch[] = [];
  let ofGate: Stretch[] = [];

  before(async () => {
    home = makeTemporaryHome();
    ingest = new StandInIngest(home.runDir);
    await ingest.start();
    services.push(await startService("cameras", home));
    for (const [id, name] of [
      ["street", "Street"],
      ["gate", "Gate"],
    ]) {
      const camera = { id, name, source: { kind: "srt-listener" } };
      await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
    }
    const street = join(home.root, "street.ts");
    const gate = join(home.root, "gate.ts");
    await makeNumberedStream(street, { seconds: STRETCH_S, gopFrames: 50, bFrames: 2 });
    await makeNumberedStream(gate, { seconds: 20, gopFrames: 50, video: "hevc" });
    services.push(await startService("archive", home, { arguments: ["--set", "recording.segmentS=10"] }));
    const [first, second] = [delivery("street"), delivery("gate")];
    first.push(street, 200);
    second.push(gate, 60);
    await recorded("street", STRETCH_S - 1.5);
    first.discontinuity();
    first.push(street, 90);
    await recorded("street", 2 * STRETCH_S - 3);
    await recorded("gate", 18.5);
    stretches = await stretchesOf("street");
    ofGate = await stretchesOf("gate");
    assert.deepEqual([stretches.length, ofGate.length], [2, 1]);
    services.push(await startService("web", home, { arguments: ["--set", "http.port=0"] }));
    const { port } = await requestJson<{ port: number }>(home.runDir, "web", { path: "/status" });
    url = `http://127.0.0.1:${port}`;
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    for (const each of deliveries) {
      each.close();
    }
    for (const service of services.reverse()) {
      await service.stop();
    }
    await ingest?.stop();
    home?.remove();
  });

  function delivery(camera: string): StreamDelivery {
    const made = new StreamDelivery(ringName(home.ringPrefix, camera, "packets"), camera);
    deliveries.push(made);
    return made;
  }

  async function stretchesOf(camera: string): Promise<Stretch[]> {
    const nowUs = systemClock.wallUs();
    const path = `/cameras/${camera}/timeline?fromUs=${nowUs - 400_000_000}&toUs=${nowUs}`;
    return (await requestJson<{ segments: Stretch[] }>(home.runDir, "archive", { path })).segments;
  }

  async function recorded(camera: string, seconds: number): Promise<void> {
    await waitUntil(
      `${seconds} s of ${camera}`,
      async () => {
        const { cameras } = await requestJson<ArchiveStatus>(home.runDir, "archive", { path: "/status" });
        return cameras.some(({ id, recordedS }) => id === camera && recordedS >= seconds);
      },
      WAIT_MS,
    );
  }

  async function open(path: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url + path);
    await page.waitForSelector('.timeline-canvas:not([data-segments="0"])');
    return { page, errors, [Symbol.asyncDispose]: () => context.close() };
  }

  /** Number of the picture that was taken at an instant. */
  function numberAt(wallUs: number): number {
    const stretch = stretches.findLast(({ startWallUs }) => startWallUs <= wallUs);
    return Math.floor((wallUs - (stretch?.startWallUs ?? 0)) / (1e6 / NUMBERED_FPS)) - 2; // reordering delays by two
  }

  /** Clicks into the timeline; answers the instant that was meant. */
  async function clickAt(page: Page, wallUs: number): Promise<void> {
    const area = await page.locator(".timeline-canvas").boundingBox();
    assert.ok(area !== null);
    const secondsAgo = (systemClock.wallUs() - wallUs) / 1e6;
    await page.mouse.click(area.x + area.width * (0.94 - secondsAgo / SPAN_S), area.y + 48);
  }

  test(`the first picture of a clicked moment is there within ${START_MS_MAX} ms, for 95 of 100, and it is the right one`, async () => {
    await using scene = await open("/recordings/street");
    const { page } = scene;
    await page.keyboard.press("+");
    await page.keyboard.press("+"); // 30 min, 10 min, 5 min
    const asked: number[] = [];
    page.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith("recording.mp4")) {
        asked.push(Number(searchParams.get("fromUs")));
      }
    });
    const took: number[] = [];
    const offBy: number[] = [];
    for (let moment = 0; moment < MOMENTS; moment++) {
      // alternating stretches: what is wanted is never in the buffer
      const stretch = stretches[moment % 2];
      assert.ok(stretch);
      const wallUs = stretch.startWallUs + (3 + Math.random() * (STRETCH_S - 8)) * 1e6;
      asked.length = 0;
      await page.evaluate(watchPictures, ".camera-stage video");
      await clickAt(page, wallUs);
      const fromUs = await waitUntil("a request for video", () => asked[0], WAIT_MS);
      const expected = numberAt(fromUs);
      const first = await waitUntil(
        `picture ${expected}`,
        async () => {
          const { clickedMs, pictures } = await page.evaluate(readPresented);
          const found = pictures.find(({ number, atMs }) => atMs > clickedMs && Math.abs(number - expected) <= 5);
          return found && { ...found, tookMs: found.atMs - clickedMs };
        },
        WAIT_MS,
      );
      took.push(first.tookMs);
      offBy.push(first.number - expected);
    }
    const [p50, p95] = percentilesOf(took);
    const [offP50, offP95] = percentilesOf(offBy);
    console.log(`click to first picture, ${MOMENTS} moments: p50 ${p50} ms, p95 ${p95} ms`);
    console.log(`first picture after the one asked for: p50 ${offP50}, p95 ${offP95}`);
    // a busy browser tells of its first picture late; it must never show an earlier one
    assert.ok(Math.min(...offBy) >= -1, `a stream began before what was asked for: ${offBy.join()}`);
    assert.ok(offP50 <= 1, `pictures later than asked for: ${offBy.join()}`);
    assert.ok(p95 <= START_MS_MAX, `p95 ${p95} ms`);
    assert.deepEqual(scene.errors, []);
  });

  test("playing goes on over the seams of files without a picture twice, and over a gap with a notice", async () => {
    await using scene = await open("/recordings/street");
    const { page } = scene;
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    const [first, second] = stretches;
    assert.ok(first && second);
    await clickAt(page, first.startWallUs + 7_000_000); // a seam at 10 s
    await page.waitForSelector('.camera-stage[data-state="playing"]');
    await page.evaluate(watchPictures, ".camera-stage video");
    const overSeam = await waitUntil(
      "five seconds",
      async () => {
        const { pictures } = await page.evaluate(readPresented);
        return (pictures.at(-1)?.number ?? 0) > numberAt(first.startWallUs + 12_000_000) ? pictures : undefined;
      },
      WAIT_MS,
    );
    const steps = overSeam.slice(1).map(({ number }, index) => number - (overSeam[index]?.number ?? 0));
    const longestMs = Math.max(...overSeam.slice(1).map(({ atMs }, index) => atMs - (overSeam[index]?.atMs ?? 0)));
    console.log(
      `over a seam: longest time between two pictures ${Math.round(longestMs)} ms, largest step ${Math.max(...steps)}`,
    );
    assert.ok(
      steps.every((step) => step > 0),
      `pictures in order: ${steps.join()}`,
    );

    await clickAt(page, first.endWallUs - 3_000_000);
    await page.getByText(/^Skipped .* without a recording$/).waitFor({ timeout: WAIT_MS });
    await page.evaluate(watchPictures, ".camera-stage video");
    const after = await waitUntil(
      "pictures of the second stretch",
      async () => (await page.evaluate(readPresented)).pictures.find(({ number }) => number < 200),
      WAIT_MS,
    );
    assert.ok(after.number >= 0);
    assert.deepEqual(scene.errors, []);
  });

  test(`sound and picture are within ${SYNC_MS_MAX} ms of one another`, async () => {
    await using scene = await open("/recordings/street", { bypassCSP: true }); // for the worklet that listens
    const { page } = scene;
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    const [first] = stretches;
    assert.ok(first);
    await clickAt(page, first.startWallUs + 5_000_000);
    await page.waitForSelector('.camera-stage[data-state="playing"]');
    await page.getByRole("button", { name: "Sound on" }).click();
    await page.evaluate(watchPictures, ".camera-stage video");
    await page.evaluate(watchSound, ".camera-stage video");
    const offsets = await waitUntil(
      "ten tones with their flashes",
      async () => {
        const { pictures, tonesMs } = await page.evaluate(readPresented);
        const flashes = pictures.filter(({ number }) => number % NUMBERED_FPS === 0);
        const pairs = tonesMs.flatMap((toneMs) => {
          const flash = flashes.find(({ dueMs }) => Math.abs(dueMs - toneMs) < 500);
          return flash === undefined ? [] : [toneMs - flash.dueMs];
        });
        return pairs.length >= 10 ? pairs : undefined;
      },
      WAIT_MS,
    );
    const sorted = offsets.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    console.log(
      `tone after flash: median ${median.toFixed(1)} ms, from ${sorted[0]?.toFixed(1)} to ${sorted.at(-1)?.toFixed(1)} ms`,
    );
    assert.ok(Math.abs(median) <= SYNC_MS_MAX, `median ${median} ms`);
  });

  test("H.265 that the browser cannot decode is said to be so, with what to do", async () => {
    for (const [name, viewport] of [
      ["phone", { width: 360, height: 640 }],
      ["desktop", { width: 1440, height: 900 }],
    ] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        const atUs = (ofGate[0]?.startWallUs ?? 0) + 8_000_000;
        await using scene = await open(`/recordings/gate?at=${atUs}`, { viewport, colorScheme });
        const { page } = scene;
        const canPlay = await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"'));
        if (canPlay) {
          await page.waitForSelector('.camera-stage[data-state="playing"]');
          continue;
        }
        await page.getByText("This browser cannot play H.265").waitFor({ timeout: WAIT_MS });
        const pictures = process.env.LANTHORN_PICTURES;
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({ path: join(pictures, `unplayable-${name}-${colorScheme}.png`) });
        }
        const save = page.getByRole("link", { name: /^Save / });
        assert.match(
          (await save.getAttribute("href")) ?? "",
          /^\/api\/cameras\/gate\/recording\.mp4\?fromUs=\d+&toUs=\d+$/,
        );
        const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.equal(content, view, "nothing scrolls sideways");
        const box = await page.locator(".camera-stage .tile-notice").boundingBox();
        const inner = await page.locator(".camera-stage .tile-notice > .notice-ways").boundingBox();
        assert.ok(box && inner && inner.y + inner.height <= box.y + box.height + 1, "the notice fits into the stage");
        assert.deepEqual(scene.errors, []);
      }
    }
  });
});

/** The 50th and the 95th of a hundred, whole. */
function percentilesOf(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN);
  return [at(0.5), at(0.95)];
}
