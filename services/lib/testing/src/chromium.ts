/** Debian's Chromium for tests of the page: headless, without GPU, and without the browser's own calls to the outside. */
import type { Browser } from "playwright-core";
import { testingErrors } from "./error-codes.ts";

/** Where Debian's package puts it. */
export const CHROMIUM_PATH = "/usr/bin/chromium";

const ARGUMENTS = [
  "--no-sandbox", // tests also run as root, in containers
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser. Owner: close() it. Throws: CHROMIUM_MISSING. */
export async function launchChromium(): Promise<Browser> {
  try {
    const { chromium } = await import("playwright-core"); // here, so that only tests that need a browser load it
    return await chromium.launch({ executablePath: CHROMIUM_PATH, args: ARGUMENTS });
  } catch (error) {
    throw testingErrors.make("CHROMIUM_MISSING", { path: CHROMIUM_PATH, reason: (error as Error).message }, error);
  }
}
