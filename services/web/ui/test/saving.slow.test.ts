/**
 * Keeping and exporting as an owner does it, in Debian's Chromium before real services: a selection is made, what it holds is said, files are
 * made, watched over a killed archive, downloaded and verified; a clip is kept; both are deleted.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ClipList, ExportList } from "@lanthorn/contract";
import { CHROMIUM_PATH, waitUntil } from "@lanthorn/testing";
import type { Page } from "playwright-core";
import { toField } from "../src/saving/selection.ts";
import { SavingScene, WAIT_MS } from "./support/saving-scene.ts";
import { weakContrasts } from "./support/weak-contrasts.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const missing = existsSync(CHROMIUM_PATH)
  ? existsSync(`${DIST}/index.html`)
    ? false
    : "the page is not built: npm run build"
  : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;
const SECOND_US = 1_000_000;
const EXPORTS = 4;

describe("keeping and exporting in Chromium", { skip: missing }, () => {
  const scene = new SavingScene();
  before(() => scene.start());
  after(() => scene.close());

  /** From the first stretch of footage into the second, so that the gap between them is in it. */
  const overTheGap = () => {
    const [first, second] = scene.street;
    assert.ok(first && second);
    return { fromUs: first.startWallUs + 5 * SECOND_US, toUs: second.endWallUs - 5 * SECOND_US };
  };
  const edgeS = async (page: Page, name: string) =>
    Number(await page.getByRole("slider", { name }).getAttribute("aria-valuenow"));
  const panel = (page: Page) => page.getByRole("region", { name: "Selection", exact: true });
  const type = async (page: Page, { fromUs, toUs }: { fromUs: number; toUs: number }) => {
    await panel(page).getByLabel("From", { exact: true }).fill(toField(fromUs));
    await panel(page).getByLabel("To", { exact: true }).fill(toField(toUs));
  };

  test("a selection is made by button, keys, mouse, finger and typed times, and seen by those who do not see it", async () => {
    await using open = await scene.open("/recordings/street", { hasTouch: true });
    const { page } = open;
    await page.waitForSelector('.timeline-canvas:not([data-segments="0"])');
    await page.getByRole("button", { name: "Select", exact: true }).click();
    const from = page.getByRole("slider", { name: "Start of the selection" });
    const firstS = await edgeS(page, "Start of the selection");
    await from.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("PageDown");
    assert.equal(await edgeS(page, "Start of the selection"), firstS - 71);
    assert.match((await from.getAttribute("aria-valuetext")) ?? "", /\d\d:\d\d:\d\d$/);

    const grip = await from.boundingBox();
    assert.ok(grip);
    const [x, y] = [grip.x + grip.width - 6, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 100, y, { steps: 5 });
    await page.mouse.up();
    const draggedS = await edgeS(page, "Start of the selection");
    assert.ok(draggedS < firstS - 100, `dragged from ${firstS - 71} to ${draggedS}`);

    const finger = await page.context().newCDPSession(page);
    const touch = (kind: "touchStart" | "touchMove" | "touchEnd", atX: number) =>
      finger.send("Input.dispatchTouchEvent", { type: kind, touchPoints: kind === "touchEnd" ? [] : [{ x: atX, y }] });
    await touch("touchStart", x - 100);
    await touch("touchMove", x - 60);
    await touch("touchMove", x - 20);
    await touch("touchEnd", x - 20);
    const touchedS = await edgeS(page, "Start of the selection");
    assert.ok(touchedS > draggedS + 30, `moved by a finger from ${draggedS} to ${touchedS}`);

    const { fromUs, toUs } = overTheGap();
    await type(page, { fromUs, toUs });
    assert.equal(await edgeS(page, "Start of the selection"), Math.floor(fromUs / SECOND_US));
    assert.equal(await edgeS(page, "End of the selection"), Math.floor(toUs / SECOND_US));
    await type(page, { fromUs: toUs, toUs: fromUs });
    await panel(page).getByText("The end must be later than the start.").waitFor();
    assert.equal(await panel(page).getByRole("button", { name: "Export" }).isDisabled(), true);
    assert.deepEqual(open.errors, []);
  });

  test("exports say beforehand what they hold, go on over a killed archive, and what is downloaded verifies", async () => {
    await using open = await scene.open("/recordings/street");
    const { page } = open;
    const dialog = page.getByRole("dialog", { name: "Save footage" });
    await page.getByRole("button", { name: "Select", exact: true }).click();
    await type(page, overTheGap());
    for (let count = 1; count <= EXPORTS; count++) {
      await panel(page).getByRole("button", { name: "Export" }).click();
      await dialog.getByText(/^Street: 1 min [45]\d s of footage, .* missing/).waitFor();
      await dialog.getByText("The camera's stream broke off").waitFor();
      await dialog.getByText(/^About \d+(\.\d)? [kM]B$/).waitFor();
      await dialog.getByLabel("With date and time in the picture").check();
      await dialog.getByLabel("Name (if you like)").fill(`For the insurance ${count}`);
      await dialog.getByRole("button", { name: "Export", exact: true }).click();
      await dialog.getByText("is being made").waitFor();
      await dialog.getByRole("button", { name: "Done" }).click();
    }
    assert.deepEqual(open.errors, []);
    await page.getByRole("link", { name: "Saved", exact: true }).click();
    const cards = page.locator("[data-export]");
    const newest = cards.first(); // the last in the queue
    await newest.getByRole("button", { name: /^Cancel/ }).click();
    await newest.getByText("Cancelled").waitFor();
    assert.equal(await cards.count(), EXPORTS);
    await page.getByRole("progressbar").first().waitFor();
    await scene.killArchive();
    await page.getByText(/^This may be out of date: .*archive/).waitFor();
    assert.equal(await cards.count(), EXPORTS, "what was known stays");
    await scene.restartArchive();
    await page.getByText(/^This may be out of date/).waitFor({ state: "detached" });
    await waitUntil(
      "the others are ready",
      async () => (await page.locator('[data-export][data-state="done"]').count()) === EXPORTS - 1,
      WAIT_MS,
    );
    await page.reload();
    await verifies(page, "For the insurance 1");
    for (let left = EXPORTS; left > 0; left--) {
      await cards
        .first()
        .getByRole("button", { name: /^Delete/ })
        .click();
      await page
        .getByRole("dialog", { name: "Delete this export?" })
        .getByRole("button", { name: "Delete", exact: true })
        .click();
      await waitUntil("one export less", async () => (await cards.count()) === left - 1, WAIT_MS);
    }
    await page.getByText("No exports yet").waitFor();
    assert.deepEqual((await scene.ask<ExportList>("/exports")).exports, []);
  });

  /** Downloads an export as its owner would, unpacks it, and asks its own verifier, with the key that the page shows. */
  async function verifies(page: Page, name: string): Promise<void> {
    const card = page.getByRole("article", { name });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      card.getByRole("link", { name: /^Download all/ }).click(),
    ]);
    const folder = join(scene.home.root, "download");
    mkdirSync(folder);
    await download.saveAs(join(folder, "all.zip"));
    execFileSync("python3", ["-m", "zipfile", "-e", join(folder, "all.zip"), folder]);
    const [inside] = readdirSync(folder).filter((each) => each !== "all.zip");
    const key = (await page.locator(".verify code").last().textContent()) ?? "";
    const cwd = join(folder, inside ?? "");
    const verifier = ["verify-export.py", "--key", key, "--json"];
    const verdict = JSON.parse(execFileSync("python3", verifier, { cwd, encoding: "utf8" })) as { ok: boolean };
    assert.equal(verdict.ok, true);
    assert.equal(readdirSync(cwd).filter((each) => each.endsWith(".mp4")).length, 1);
    await card.getByText("5 files").click();
    const footage = await page.request.get(
      scene.url + ((await card.getByRole("link", { name: /\.mp4$/ }).getAttribute("href")) ?? ""),
    );
    assert.deepEqual([footage.status(), footage.headers()["content-type"]], [200, "video/mp4"]);
  }

  test("a clip is kept from typed times, survives a refusal with what was entered, plays and is deleted", async () => {
    await using open = await scene.open("/recordings/street");
    const { page } = open;
    const dialog = page.getByRole("dialog", { name: "Save footage" });
    const [, second] = scene.street;
    assert.ok(second);
    await page.getByRole("button", { name: "Select", exact: true }).click();
    const selection = { fromUs: second.startWallUs + 10 * SECOND_US, toUs: second.startWallUs + 20 * SECOND_US };
    await type(page, selection);
    await panel(page).getByRole("button", { name: "Keep" }).click();
    await dialog.getByText(/^Street: 10 s of footage, nothing missing$/).waitFor();
    await dialog.getByLabel("Name", { exact: true }).fill("Parcel at the door");
    assert.deepEqual(open.errors, []);
    await scene.killArchive();
    await dialog.getByRole("button", { name: "Keep", exact: true }).click();
    await dialog
      .getByRole("alert")
      .getByText(/archive/)
      .waitFor();
    assert.equal(await dialog.getByLabel("Name", { exact: true }).inputValue(), "Parcel at the door");
    await scene.restartArchive();
    await dialog.getByRole("button", { name: "Keep", exact: true }).click();
    await dialog.getByText("“Parcel at the door” is kept.").waitFor();
    await dialog.getByRole("link", { name: "Open Saved" }).click();
    const card = page.getByRole("article", { name: "Parcel at the door" });
    await card.getByText(/^Street · .* \(10 s\) · .* kept$/).waitFor();
    await card.getByRole("link", { name: /^Play/ }).click();
    await page.waitForSelector('.camera-stage[data-mode="recorded"][data-state="playing"]');
    assert.equal(await edgeS(page, "Start of the selection"), Math.floor(selection.fromUs / SECOND_US));
    await page.goBack();
    await card.getByRole("button", { name: /^Delete/ }).click();
    await page
      .getByRole("dialog", { name: "Delete this clip?" })
      .getByRole("button", { name: "Do not delete" })
      .click();
    await card.getByRole("button", { name: /^Delete/ }).click();
    await page
      .getByRole("dialog", { name: "Delete this clip?" })
      .getByRole("button", { name: "Delete", exact: true })
      .click();
    await page.getByText("No clips yet").waitFor();
    assert.deepEqual((await scene.ask<ClipList>("/clips")).clips, []);
  });

  test("an event of an H.265 camera says what the browser cannot play, and what an export of it will be", async () => {
    const event = await scene.gateEvent();
    const pictures = process.env.LANTHORN_PICTURES;
    for (const [name, viewport] of [
      ["phone", { width: 390, height: 844 }],
      ["desktop", { width: 1440, height: 900 }],
    ] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        await using open = await scene.open("/events", { viewport, colorScheme });
        const { page } = open;
        const shot = async (what: string) =>
          pictures && (await page.screenshot({ path: join(pictures, `${what}-${name}-${colorScheme}.png`) }));
        await page.locator(`[data-event="${event.id}"]`).click();
        const canPlay = await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"'));
        if (!canPlay) {
          const notice = page.locator(".clip-notice");
          await notice.getByText("This browser cannot play H.265").waitFor();
          const [inner, outer] = [await notice.boundingBox(), await page.locator(".clip").boundingBox()];
          assert.ok(inner && outer && inner.height <= outer.height + 1, "the notice fits into the picture");
          await shot("event-unplayable");
        }
        assert.equal(await page.getByRole("button", { name: "Similar" }).count(), 0, "nothing embeds pictures here");
        await page.getByRole("button", { name: "Export", exact: true }).click();
        const dialog = page.getByRole("dialog", { name: "Save footage" });
        await dialog.getByText(/^Gate records H\.265/).waitFor();
        await shot("export-h265");
        await dialog.getByLabel("With date and time in the picture").check();
        assert.equal(await dialog.getByText(/^Gate records H\.265/).count(), 0);
        await readable(page);
        assert.deepEqual(open.errors, []);
      }
    }
  });

  test("every word of exports and clips can be read, and every control has a name, on phone and desktop, in light and dark", async () => {
    const { fromUs, toUs } = overTheGap();
    const asked = { cameras: ["street"], fromUs, toUs };
    await scene.send("/exports", { ...asked, name: "Readable export" });
    await scene.send("/clips", { ...asked, name: "Readable clip" });
    for (const viewport of [
      { width: 360, height: 640 },
      { width: 1440, height: 900 },
    ]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await using open = await scene.open("/saved", { viewport, colorScheme });
        await open.page
          .getByRole("article", { name: "Readable export" })
          .getByText(/^\d files$/)
          .click();
        await readable(open.page);
        await open.page.goto(`${scene.url}/recordings/street?from=${fromUs}&to=${toUs}`);
        await panel(open.page).waitFor();
        await readable(open.page);
        assert.deepEqual(open.errors, []);
      }
    }
  });

  /** WCAG AA: contrast, names; and nothing to be scrolled sideways. */
  async function readable(page: Page): Promise<void> {
    assert.deepEqual(await page.evaluate(weakContrasts), []);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, a, [role=slider], [role=progressbar]")]
        .filter((element) => element.offsetParent !== null)
        .filter((element) => !(element.getAttribute("aria-label") ?? element.textContent ?? "").trim())
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(nameless, []);
    const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.equal(content, view, `nothing scrolls sideways: ${page.url()}`);
  }
});
