/** A box with recordings of the past and a browser before it: real cameras, archive and web services, nothing stood in for but ingest. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { requestJson, systemClock } from "@lanthorn/base";
import { type ArchiveStatus, ringName } from "@lanthorn/contract";
import {
  launchChromium,
  makeNumberedStream,
  makeTemporaryHome,
  makeTestMedia,
  type ServiceProcess,
  StreamDelivery,
  startService,
  type TemporaryHome,
  waitUntil,
} from "@lanthorn/testing";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { CameraFeed } from "../../../test/support/camera-feed.ts";
import { StandInIngest } from "../../../test/support/stand-in-ingest.ts";

/** Other work may take most of the processor. */
export const WAIT_MS = 90_000;
/** Each of the two recorded stretches of the camera "street", seconds. */
export const STRETCH_S = 60;

const ARCHIVE = { arguments: ["--set", "recording.segmentS=10", "--set", "exports.concurrent=1"] };

/** A recorded stretch. */
export interface Recorded {
  readonly startWallUs: number;
  readonly endWallUs: number;
}

/** See above. "street": two stretches of a minute with a gap between; "gate": live, H.265. Owner: close(). */
export class SavingScene {
  readonly home: TemporaryHome = makeTemporaryHome();
  readonly #ingest = new StandInIngest(this.home.runDir);
  readonly #services: ServiceProcess[] = [];
  readonly #closing: (() => void)[] = [];
  #archive: ServiceProcess | undefined;
  #browser: Browser | undefined;
  #gate: CameraFeed | undefined;
  url = "";
  street: Recorded[] = [];

  /** Starts everything. */
  async start(): Promise<void> {
    const { home } = this;
    await this.#ingest.start();
    this.#services.push(await startService("cameras", home));
    for (const [id, name] of [
      ["street", "Street"],
      ["gate", "Gate"],
    ]) {
      const camera = { id, name, source: { kind: "srt-listener" } };
      await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
    }
    this.#archive = await startService("archive", home, ARCHIVE);
    await this.#deliver();
    const hevc = await makeTestMedia({ widthPx: 640, heightPx: 360, durationS: 20, video: "hevc" });
    this.#gate = new CameraFeed({ prefix: home.ringPrefix, camera: "gate", file: hevc, decode: true });
    this.#closing.push(() => this.#gate?.close());
    this.#services.push(await startService("web", home, { arguments: ["--set", "http.port=0"] }));
    const { port } = await requestJson<{ port: number }>(home.runDir, "web", { path: "/status" });
    this.url = `http://127.0.0.1:${port}`;
    this.#browser = await launchChromium();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.#browser?.close();
    for (const close of this.#closing) {
      close();
    }
    await this.#archive?.stop();
    for (const service of this.#services.reverse()) {
      await service.stop();
    }
    await this.#ingest.stop();
    this.home.remove();
  }

  /** What happened at the gate and is over. */
  async gateEvent() {
    const gate = this.#gate;
    assert.ok(gate);
    await this.recorded("gate", 4);
    const event = gate.beginEvent({ x: 0.3, y: 0.3, width: 0.2, height: 0.4 }, "person");
    await systemClock.sleep(1500);
    gate.endEvent(event);
    await waitUntil("the event with its end", async () => {
      const { events } = await this.ask<{ events: { id: string; endWallUs: number | null }[] }>("/events");
      return events.some(({ id, endWallUs }) => id === event.id && endWallUs !== null);
    });
    return event;
  }

  /** An answer of the archive itself. */
  ask<T>(path: string): Promise<T> {
    return requestJson<T>(this.home.runDir, "archive", { path, timeoutMs: WAIT_MS });
  }

  /** Has the archive make something. */
  send<T>(path: string, json: object): Promise<T> {
    return requestJson<T>(this.home.runDir, "archive", { method: "POST", path, json, timeoutMs: WAIT_MS });
  }

  /** Kills the archive as a power cut would. */
  async killArchive(): Promise<void> {
    await this.#archive?.kill9();
  }

  /** Starts it again. */
  async restartArchive(): Promise<void> {
    this.#archive = await startService("archive", this.home, ARCHIVE);
  }

  /** A page whose faults are noted; close it by `await using`. */
  async open(path: string, options: BrowserContextOptions = {}) {
    const browser = this.#browser;
    assert.ok(browser);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(this.url + path);
    return { page, errors, [Symbol.asyncDispose]: () => context.close() };
  }

  /** Waits until so much of a camera is durable. */
  async recorded(camera: string, seconds: number): Promise<void> {
    await waitUntil(
      `${seconds} s of ${camera}`,
      async () =>
        (await this.ask<ArchiveStatus>("/status")).cameras.some(
          ({ id, recordedS }) => id === camera && recordedS >= seconds,
        ),
      WAIT_MS,
    );
  }

  async #deliver(): Promise<void> {
    const file = join(this.home.root, "street.ts");
    await makeNumberedStream(file, { seconds: STRETCH_S, gopFrames: 50 });
    const delivery = new StreamDelivery(ringName(this.home.ringPrefix, "street", "packets"), "street");
    this.#closing.push(() => delivery.close());
    delivery.push(file, 240);
    await this.recorded("street", STRETCH_S - 1.5);
    delivery.discontinuity();
    delivery.push(file, 120);
    await this.recorded("street", 2 * STRETCH_S - 3);
    const nowUs = systemClock.wallUs();
    const timeline = `/cameras/street/timeline?fromUs=${nowUs - 600_000_000}&toUs=${nowUs}`;
    this.street = (await this.ask<{ segments: Recorded[] }>(timeline)).segments;
    assert.equal(this.street.length, 2);
  }
}
