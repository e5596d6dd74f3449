/**
 * Settings and storage as an owner has them: the built page in Debian's Chromium, the real web service, registry and archive, a camera that
 * is recorded. npm run test:slow -- services/web/ui/test/settings.slow.test.ts
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requestJson, systemClock } from "@lanthorn/base";
import type { ArchiveStatus, Camera, RecordingPatch, Retention, Timeline } from "@lanthorn/contract";
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
import { linkOf, StandInIngest } from "../../test/support/stand-in-ingest.ts";
import { weakContrasts } from "./support/weak-contrasts.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const WAIT_MS = 90_000;
const SETTINGS = "/cameras/street/settings";
const PATHS = ["/cameras", SETTINGS, "/storage"];
const missing = existsSync(CHROMIUM_PATH)
  ? existsSync(`${DIST}/index.html`)
    ? false
    : "the page is not built: npm run build"
  : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;

describe("settings and storage in Chromium", { skip: missing }, () => {
  let home: TemporaryHome;
  let browser: Browser;
  let feed: CameraFeed;
  let ingest: StandInIngest;
  let url = "";
  let secondDisk = "";
  const services: ServiceProcess[] = [];

  before(async () => {
    home = makeTemporaryHome();
    secondDisk = join(home.root, "second");
    mkdirSync(secondDisk);
    // as a disk that was in use elsewhere: a new one would have to be a file system of its own
    writeFileSync(join(secondDisk, "lanthorn-disk.json"), JSON.stringify({ uuid: randomUUID() }));
    writeFileSync(join(home.configDir, "archive.toml"), `[[disks]]\ndirectory = "${secondDisk}"\ncameras = ["yard"]\n`);
    services.push(await startService("cameras", home));
    for (const [id, name] of [
      ["street", "Street"],
      ["yard", "Yard"],
    ]) {
      const camera = { id, name, source: { kind: "srt-listener" } };
      await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
    }
    ingest = new StandInIngest(home.runDir);
    ingest.links.push(linkOf("street"), linkOf("yard", { state: "disconnected", light: "off" }));
    await ingest.start();
    services.push(await startService("archive", home, { arguments: ["--set", "recording.segmentS=5"] }));
    const file = await makeTestMedia({ widthPx: 640, heightPx: 360, durationS: 20, gopFrames: 15 });
    feed = new CameraFeed({ prefix: home.ringPrefix, camera: "street", file });
    services.push(await startService("web", home, { arguments: ["--set", "http.port=0"] }));
    const { port } = await requestJson<{ port: number }>(home.runDir, "web", { path: "/status" });
    url = `http://localhost:${port}`;
    await waitUntil("a recording", async () => ((await archiveRow()).segments ?? 0) >= 2, WAIT_MS);
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    for (const service of services.reverse()) {
      await service.stop();
    }
    await ingest?.stop();
    feed?.close();
    home?.remove();
  });

  const stored = async () => (await requestJson<Camera>(home.runDir, "cameras", { path: "/cameras/street" })).recording;
  /** What somebody else sets, by curl. */
  const setElsewhere = (recording: RecordingPatch) =>
    requestJson(home.runDir, "cameras", { method: "PATCH", path: "/cameras/street", json: { recording } });
  const archiveRow = async () => {
    const { cameras } = await requestJson<ArchiveStatus>(home.runDir, "archive", { path: "/status" });
    const row = cameras.find(({ id }) => id === "street");
    assert.ok(row !== undefined, "the archive does not know the camera");
    return row;
  };
  const timeline = () => {
    const nowUs = systemClock.wallUs();
    const path = `/cameras/street/timeline?fromUs=${nowUs - 600e6}&toUs=${nowUs}`;
    return requestJson<Timeline>(home.runDir, "archive", { path });
  };

  async function open(path: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url + path);
    return { page, errors, [Symbol.asyncDispose]: () => context.close() };
  }
  /** The settings of the camera, with the schemas that check what is typed. */
  async function openSettings(options: BrowserContextOptions = {}) {
    const scene = await open(SETTINGS, options);
    await scene.page.waitForSelector(".settings-form");
    await scene.page.waitForFunction(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("/assets/check-")),
    );
    return scene;
  }
  const saved = (page: Page) => page.getByText("Saved. This is what the box has now.").waitFor();
  const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);
  const settled = (page: Page) =>
    waitUntil("data", async () => (await page.locator(".skeleton, [aria-busy=true]").count()) === 0, WAIT_MS);

  test("a person sets a schedule by keyboard: it is shown, stored in the registry, obeyed by the archive, and a hole says why", async () => {
    await setElsewhere({ mode: "continuous", schedule: [] });
    await using scene = await openSettings();
    const { page } = scene;
    await page.getByRole("button", { name: "Add a time" }).focus();
    await page.keyboard.press("Enter");
    const row = page.locator("[data-window='0']");
    await waitUntil("focus on the first day", () =>
      row
        .locator("input")
        .first()
        .evaluate((input) => input === document.activeElement),
    );
    for (let day = 0; day < 7; day++) {
      const isOn = await row.locator("input[type=checkbox]").nth(day).isChecked();
      if (!isOn) {
        await page.keyboard.press("Space");
      }
      await page.keyboard.press("Tab");
    }
    await row.getByLabel("From").fill("00:00");
    await row.getByLabel("To").fill("00:00");
    await row.getByLabel("Then").focus();
    await page.keyboard.press("N"); // Nothing, as a select is chosen from by its first letter
    assert.equal(await page.locator(".week .week-part").count(), 7);
    assert.equal(await page.locator(".week .week-part.mode-off").count(), 7);
    await page.getByRole("button", { name: "Save", exact: true }).focus();
    await page.keyboard.press("Enter");
    await saved(page);
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    assert.deepEqual((await stored()).schedule, [{ days, from: "00:00", to: "00:00", mode: "off" }]);
    await waitUntil("the archive to obey", async () => (await archiveRow()).mode === "off", WAIT_MS);
    await waitUntil("nothing to be recorded", async () => (await archiveRow()).state === "resting", WAIT_MS);
    await page.locator("[data-now-mode=off]").waitFor();
    await page.getByRole("button", { name: "Remove time 1" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await waitUntil("recording again", async () => (await archiveRow()).state === "recording", WAIT_MS);
    await waitUntil(
      "the hole with its reason",
      async () => (await timeline()).gaps.some(({ cause }) => cause === "not-scheduled"),
      WAIT_MS,
    );
    assert.deepEqual((await stored()).schedule, []);
    assert.deepEqual(scene.errors, []);
  });

  test("less room for a camera changes its forecast, as the archive tells it", async () => {
    await using scene = await openSettings();
    const { page } = scene;
    const value = page.locator(".forecast-value");
    await waitUntil("a forecast", async () => Number(await value.getAttribute("data-forecast-days")) > 0, WAIT_MS);
    const beforeDays = Number(await value.getAttribute("data-forecast-days"));
    await field(page, "maxGigabytes").fill("0,05");
    await page.getByText("By what is saved now").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await saved(page);
    assert.equal((await stored()).retention.maxBytes, 50_000_000);
    await page.getByText("Ends by the room you gave this camera").waitFor();
    const afterDays = Number(await value.getAttribute("data-forecast-days"));
    assert.ok(afterDays > 0 && afterDays < beforeDays, `${beforeDays} → ${afterDays}`);
    const { cameras } = await requestJson<Retention>(home.runDir, "archive", { path: "/retention" });
    assert.equal(afterDays, cameras.find(({ camera }) => camera === "street")?.forecastDays);
    await setElsewhere({ retention: { maxBytes: null } });
    assert.deepEqual(scene.errors, []);
  });

  test("what is wrong is said at its field before anything is sent", async () => {
    await using scene = await openSettings();
    const { page } = scene;
    const asked: string[] = [];
    page.on("request", (request) => request.method() === "PATCH" && asked.push(request.url()));
    await field(page, "preRollS").fill("99");
    await page.getByText("0 to 60 seconds.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Not saved: please look at what is marked.").waitFor();
    await waitUntil("focus on it", () => field(page, "preRollS").evaluate((input) => input === document.activeElement));
    assert.equal(await field(page, "preRollS").getAttribute("aria-invalid"), "true");
    assert.deepEqual(asked, []);
    assert.deepEqual(scene.errors, []);
  });

  test("what only the box can know is told in the box's own words", async () => {
    await setElsewhere({ retention: { minDays: 0, maxDays: null } });
    await using scene = await openSettings();
    const { page } = scene;
    await page.route("**/api/cameras", () => {}); // never answered: this page does not hear of what others do
    await setElsewhere({ retention: { maxDays: 3 } });
    await field(page, "minDays").fill("5");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/The box says:.*recording\.retention\.minDays.*maxDays/s).waitFor();
    assert.equal(await field(page, "minDays").inputValue(), "5");
    assert.deepEqual((await stored()).retention.minDays, 0);
    await setElsewhere({ retention: { maxDays: null } });
  });

  test("a connection that breaks while saving loses nothing: the form stays, also over a reload, and is saved later", async () => {
    await using scene = await openSettings();
    const { page } = scene;
    await field(page, "postRollS").fill("33");
    await page.route("**/api/cameras/street", (route) => route.abort());
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The box cannot be reached. Your changes stay here").waitFor();
    assert.equal(await field(page, "postRollS").inputValue(), "33");
    assert.notEqual((await stored()).postRollS, 33);
    page.on("dialog", (dialog) => void dialog.accept()); // the browser asks before it leaves
    await page.reload();
    await page.waitForSelector(".settings-form");
    assert.equal(await field(page, "postRollS").inputValue(), "33");
    await page.unroute("**/api/cameras/street");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await saved(page);
    assert.equal((await stored()).postRollS, 33);
  });

  test("of two people who edit at once the later one holds, each is told of the other, and what only one touched is kept", async () => {
    await setElsewhere({ mode: "continuous", preRollS: 5, postRollS: 10 });
    await using ann = await openSettings();
    await using bob = await openSettings();
    await field(ann.page, "postRollS").fill("20");
    await field(bob.page, "postRollS").fill("40");
    await field(bob.page, "preRollS").fill("8");
    await bob.page.getByRole("button", { name: "Save", exact: true }).click();
    await saved(bob.page);
    await ann.page.getByText("Somebody else has just changed: seconds before, seconds after.").waitFor();
    await ann.page.getByText("You have changed the same: seconds after.").waitFor();
    assert.equal(await field(ann.page, "postRollS").inputValue(), "20");
    assert.equal(await field(ann.page, "preRollS").inputValue(), "8");
    await ann.page.getByRole("button", { name: "Save", exact: true }).click();
    await saved(ann.page);
    const { preRollS, postRollS } = await stored();
    assert.deepEqual([preRollS, postRollS], [8, 20]);
    await bob.page.getByText("Somebody else has just changed: seconds after.").waitFor();
    assert.equal(await field(bob.page, "postRollS").inputValue(), "20");
    await field(bob.page, "postRollS").fill("50");
    await setElsewhere({ postRollS: 60 });
    await bob.page.getByRole("button", { name: "Take theirs" }).click();
    assert.equal(await field(bob.page, "postRollS").inputValue(), "60");
    assert.deepEqual([ann.errors, bob.errors], [[], []]);
  });

  test("privacy is one press: stored, told on the live tile, and never shown before the box has it", async () => {
    await using scene = await openSettings();
    const { page } = scene;
    const privacy = page.getByRole("switch", { name: "Make Street private" });
    await page.route("**/api/cameras/street", (route) => route.abort());
    await privacy.click();
    await page.getByText("Not changed.").waitFor();
    assert.equal(await privacy.getAttribute("aria-checked"), "false");
    await page.unroute("**/api/cameras/street");
    await privacy.press("Space");
    await page.locator("[role=switch][aria-checked=true]").waitFor();
    assert.equal((await stored()).privacy, true);
    await page.locator("[data-now-mode=privacy]").waitFor();
    await using live = await open("/");
    await live.page.locator('[data-camera="street"]').getByText("Neither shown nor recorded").waitFor();
    await live.page.locator('[data-camera="street"]').getByText("Switched by hand").waitFor();
    await waitUntil("the archive to obey", async () => (await archiveRow()).mode === "privacy", WAIT_MS);
    await page.goto(`${url}/cameras`);
    await page.locator('[data-camera-card="street"] [role=switch]').click();
    await page.locator('[data-camera-card="street"] [aria-checked=false]').waitFor();
    assert.equal((await stored()).privacy, false);
    await setElsewhere({
      schedule: [
        { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00", mode: "privacy" },
      ],
    });
    await live.page.locator('[data-camera="street"]').getByText("By its schedule").waitFor();
    await setElsewhere({ schedule: [] });
  });

  test("by finger on a phone a time is added, changed and saved", async () => {
    await using scene = await openSettings({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const { page } = scene;
    await page.getByRole("button", { name: "Add a time" }).tap();
    const row = page.locator("[data-window='0']");
    await row.getByText("Sat", { exact: true }).tap();
    await row.getByLabel("From").fill("21:30");
    await row.getByLabel("To").fill("05:15");
    await row.getByText("next day").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).tap();
    await saved(page);
    const days = ["mon", "tue", "wed", "thu", "fri", "sat"];
    assert.deepEqual((await stored()).schedule, [{ days, from: "21:30", to: "05:15", mode: "events" }]);
    await setElsewhere({ schedule: [] });
    assert.deepEqual(scene.errors, []);
  });

  test("storage tells what takes each disk's room, and says plainly that a disk is gone", async () => {
    await using scene = await open("/storage");
    const { page } = scene;
    const [first, second] = [page.locator('[data-disk="1"]'), page.locator('[data-disk="2"]')];
    await first.locator('[data-use="recordings"]').getByText(/[kM]B/).waitFor();
    await first.locator('[data-use="database"]').waitFor();
    assert.equal(await second.getAttribute("data-state"), "present");
    await page
      .getByRole("row", { name: /Street/ })
      .getByText("About")
      .waitFor();
    await page.getByRole("row", { name: /Yard.*nothing yet/ }).waitFor();
    renameSync(secondDisk, `${secondDisk}-away`);
    await second.getByText("Not connected").waitFor();
    await second.getByText("cannot be played until it is back").waitFor();
    await page.locator(".storage-faults").getByText("is missing").waitFor();
    renameSync(`${secondDisk}-away`, secondDisk);
    await page.getByText("All disks are in order").waitFor();
    assert.deepEqual(scene.errors, []);
  });

  test("every control has a name, words can be read, and nothing scrolls sideways: phone and desktop, light and dark", async () => {
    await setElsewhere({
      labels: ["person"],
      schedule: [{ days: ["mon", "tue"], from: "17:00", to: "08:00", mode: "events" }],
      retention: { minDays: 2 },
    });
    for (const [width, height] of [
      [360, 640],
      [1440, 900],
    ] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const path of PATHS) {
          const where = `${path} ${width} ${colorScheme}`;
          await using scene = await open(path, { viewport: { width, height }, colorScheme });
          const { page } = scene;
          await page.waitForSelector("h1");
          await settled(page);
          if (path === SETTINGS) {
            await field(page, "preRollS").fill("99"); // with a fault, and the bar that saves
            await page.getByText("0 to 60 seconds.").waitFor();
          }
          assert.deepEqual(await page.evaluate(weakContrasts), [], where);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, where);
          assert.deepEqual(await page.evaluate(namelessControls), [], where);
          assert.deepEqual(scene.errors, [], where);
        }
      }
    }
    await setElsewhere({ labels: [], schedule: [], retention: { minDays: 0 } });
  });
});

/** Runs in the page. Tells controls without a name: of their own, by a label, or by their words. */
function namelessControls(): string[] {
  return [...document.querySelectorAll<HTMLElement>("button, a, select, input, [role=switch]")]
    .filter((element) => element.offsetParent !== null)
    .filter((element) => {
      const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent);
      return !`${element.getAttribute("aria-label") ?? ""}${element.textContent}${labels.join("")}`.trim();
    })
    .map((element) => element.outerHTML.slice(0, 120));
}
