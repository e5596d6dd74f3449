/** The page as a person sees it, in Debian's Chromium: pictures move, an event appears, its recording plays. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { systemClock } from "@lanthorn/base";
import { launchChromium } from "@lanthorn/testing";
import type { Page } from "playwright-core";

const VIEWPORT = { width: 1440, height: 900 };
/** A colour step that sensor noise and coding do not make. Of 255. */
const CHANGED_LEVELS = 40;
/** Two pictures further apart than this show a figure's step. Milliseconds. */
const BETWEEN_SHOTS_MS = 700;

/** Goes through it once. Throws: AssertionError, or the browser's own when something does not appear in time. */
export async function watchPage(url: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    const faults: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") {
        faults.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400) {
        faults.push(`${answer.request().method()} ${answer.url()} answered ${answer.status()}`);
      }
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) {
        faults.push(`a request left the box: ${request.url()}`);
      }
    });
    await page.goto(url);
    for (const camera of ["street", "stereo", "quiet"]) {
      await page.waitForSelector(`[data-camera="${camera}"][data-state="playing"]`, { timeout: 60_000 });
    }
    await pictureMoves(page, "street");
    await eventPlays(page);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

/** Two screenshots differ on the street, where the figures are, and hardly in the sky above it. */
async function pictureMoves(page: Page, camera: string): Promise<void> {
  const stage = page.locator(`[data-camera="${camera}"] .stage`);
  for (;;) {
    const first = await stage.screenshot();
    await systemClock.sleep(BETWEEN_SHOTS_MS);
    const second = await stage.screenshot();
    const { upper01, lower01 } = changedParts(first, second);
    if (lower01 > 0.002) {
      assert.ok(upper01 < lower01 / 2, `changed: ${upper01} above, ${lower01} below`);
      return;
    }
  }
}

/** Which part of the pixels changed clearly, in the upper fifth (below the signs) and in the lower half of two screenshots. */
function changedParts(first: Buffer, second: Buffer): { upper01: number; lower01: number } {
  const a = grayOf(first);
  const b = grayOf(second);
  const changed01 = (fromRow: number, toRow: number) => {
    let count = 0;
    for (let at = fromRow * a.widthPx; at < toRow * a.widthPx; at++) {
      count += Math.abs((a.levels[at] ?? 0) - (b.levels[at] ?? 0)) > CHANGED_LEVELS ? 1 : 0;
    }
    return count / ((toRow - fromRow) * a.widthPx);
  };
  return {
    upper01: changed01(Math.floor(a.heightPx * 0.1), Math.floor(a.heightPx * 0.2)),
    lower01: changed01(Math.floor(a.heightPx / 2), a.heightPx),
  };
}

/** A PNG's grey levels, 0..255, row by row. */
function grayOf(png: Buffer): { levels: Buffer; widthPx: number; heightPx: number } {
  const decode = ["-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"];
  const levels = execFileSync("ffmpeg", decode, { input: png, maxBuffer: 1 << 26 });
  // IHDR is always the first chunk: width and height at bytes 16 and 20. Source: PNG specification, 11.2.2.
  return { levels, widthPx: png.readUInt32BE(16), heightPx: png.readUInt32BE(20) };
}

/** Chooses the newest event of the feed and sees its recording run. */
async function eventPlays(page: Page): Promise<void> {
  await page.locator("[data-event]").first().click({ timeout: 60_000 });
  const video = page.locator(".event-dialog video");
  await video.waitFor({ timeout: 60_000 });
  const positionS = () => video.evaluate((element) => (element as unknown as { currentTime: number }).currentTime);
  const startS = await positionS();
  while ((await positionS()) < startS + 1) {
    await systemClock.sleep(100);
  }
  const widthPx = await video.evaluate((element) => (element as unknown as { videoWidth: number }).videoWidth);
  assert.ok(widthPx > 0);
  await page.keyboard.press("Escape");
}
