/** The archive recording onto a disk that forgets, under cameras, events and retention; cut, started again, and looked at. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import { KeptArchive } from "../support/kept-archive.ts";
import { MadeResults } from "../support/made-results.ts";
import { endsOnDiskUs } from "../support/recording-on-disk.ts";
import { SoundArchive, type SoundLimits } from "../support/sound-archive.ts";
import { type Cut, type CutInstant, type CutStyle, ForgetfulDisk } from "./forgetful-disk.ts";

const run = promisify(execFile);
const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const DISK_BYTES = 192 * 1024 * 1024;
const EVENT_EVERY_MS = 250;
/** Files live a few segments: deletions come as often as segments close. The database and its log count too. */
const MAX_BYTES = { database: 5_000_000, perCamera: 1_200_000 };
const WATCHDOG_MS = 120_000;
/** An instant that does not come within so long is not waited for. */
const ARMED_MS = 60_000;

interface ShownEvent {
  readonly id: string;
  readonly startWallUs: number;
}

/** What the archive had shown before the cut: it must be there after it. */
interface Shown {
  readonly atUs: number;
  /** End of what could be played of each camera. */
  readonly endsUs: ReadonlyMap<string, number>;
  readonly events: readonly ShownEvent[];
}

/** What one cut cost. */
export interface CutCost {
  readonly cut: Cut;
  /** From the newest whole fragment on disk to the cut, of the camera that was worst, seconds. */
  readonly lossS: number;
  /** From the start of the runner to READY=1, seconds. */
  readonly upS: number;
}

/** When and how to cut. */
export interface CutPlan {
  readonly style: CutStyle;
  readonly seed: number;
  /** Recorded before, at least. */
  readonly beforeMs: number;
  /** Undefined: at once. */
  readonly instant?: CutInstant | undefined;
}

/** Owner: dispose of it. */
export class PowerCutRig {
  readonly rig = new ArchiveRig();
  readonly disk: ForgetfulDisk;
  readonly sound: SoundArchive;
  readonly #cameras: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #jpeg: Buffer;
  readonly #limits: (longestCommitMs: number) => SoundLimits;
  #archive: KeptArchive | undefined;
  #results: MadeResults | undefined;
  #shown: Shown[] = [];
  #longestCommitMs = 0;

  private constructor(rig: ArchiveRig, disk: ForgetfulDisk, jpeg: Buffer, options: PowerCutOptions) {
    this.rig = rig;
    this.disk = disk;
    this.#cameras = options.cameras;
    this.#environment = options.environment ?? {};
    this.#limits = options.limits ?? (() => ({}));
    this.#jpeg = jpeg;
    this.sound = new SoundArchive(rig, options.cameras);
  }

  /** Makes disk and cameras, starts the archive and waits for the first seconds. */
  static async make(options: PowerCutOptions): Promise<PowerCutRig> {
    const rig = new ArchiveRig();
    const disk = await ForgetfulDisk.make(rig.home.root, DISK_BYTES);
    await disk.mount(rig.stateDir);
    for (const camera of options.cameras) {
      rig.register(camera);
    }
    const made = new PowerCutRig(rig, disk, await makeJpeg(rig), options);
    await made.#boot();
    await made.#record();
    return made;
  }

  /** Records for a moment, cuts at an instant, starts again as a machine would, judges what is left. */
  async cutOnce(plan: CutPlan): Promise<CutCost> {
    const cut = await this.#cut(plan);
    await this.#archive?.powerOff();
    const shown = this.#shown.findLast(({ atUs }) => atUs < cut.wallUs);
    this.#powerDown();
    await this.disk.unmount();
    await this.disk.power();
    await this.disk.mount(this.rig.stateDir);
    const ends = await endsOnDiskUs(this.rig.stateDir, this.#cameras);
    const lossS = new Map([...ends].map(([camera, endUs]) => [camera, (cut.wallUs - endUs) / 1e6]));
    const fault = `cut ${this.disk.cuts.length}`;
    const upS = await this.#boot().catch((error: Error) => {
      const wrong = [`UP the archive does not start: ${error.message}`];
      throw new assert.AssertionError({
        message: `after ${fault}`,
        actual: wrong,
        expected: [],
        operator: "deepStrictEqual",
      });
    });
    const wrong = await this.#notKept(shown, cut);
    await this.sound.judge({ fault, lossS, upS, wrong }, this.#limits(this.#longestCommitMs));
    await this.#record();
    return { cut, lossS: Math.max(...lossS.values()), upS };
  }

  /** Stops as the runner does, and judges what lies there. */
  async end(): Promise<void> {
    await this.#archive?.stop();
    await this.sound.judgeAtRest();
  }

  /** What the archive wrote since the last start of the machine. */
  log(): string {
    return this.#archive?.log() ?? "";
  }

  async #cut({ style, seed, beforeMs, instant }: CutPlan): Promise<Cut> {
    const count = this.disk.cuts.length;
    await this.#watch(beforeMs);
    if (instant !== undefined) {
      await this.disk.arm(style, seed, instant);
      for (let waitedMs = 0; this.disk.cuts.length === count && waitedMs < ARMED_MS; waitedMs += EVENT_EVERY_MS) {
        await this.#watch(EVENT_EVERY_MS);
      }
    }
    await this.disk.cut(style, seed); // at once, or when the instant does not come
    return await waitUntil("the cut", () => this.disk.cuts[count], WATCHDOG_MS);
  }

  /** Milliseconds of the longest commit that a status told of. */
  get longestCommitMs(): number {
    return this.#longestCommitMs;
  }

  /** Another run of the machine: another boot id, no rings. Returns the time to READY=1, seconds. */
  async #boot(): Promise<number> {
    const file = join(this.rig.home.root, "boot-id");
    writeFileSync(file, `${randomUUID()}\n`);
    await run("umount", [BOOT_ID]).catch(() => {}); // fails the first time
    await run("mount", ["--bind", file, BOOT_ID]);
    const startedNs = systemClock.monoNs();
    const maxBytes = MAX_BYTES.database + MAX_BYTES.perCamera * this.#cameras.length;
    const quota = ["--set", `retention.maxBytes=${maxBytes}`];
    this.#archive = await KeptArchive.start(this.rig, { arguments: quota, environment: this.#environment });
    return Number(systemClock.monoNs() - startedNs) / 1e9;
  }

  /** Lets the cameras send, and waits until all are recorded. */
  async #record(): Promise<void> {
    for (const [index, camera] of this.#cameras.entries()) {
      await this.rig.connect(camera, {
        gopFrames: [25, 50, 100][index % 3] ?? 25,
        audio: index % 2 === 0 ? "aac" : "none",
      });
    }
    this.#results = new MadeResults(this.rig.home.ringPrefix, CameraId.parse(this.#cameras[0]));
    await waitUntil(
      "recording",
      async () => (await this.rig.status()).cameras.every(({ recordedS }) => recordedS > 0.5),
      WATCHDOG_MS,
    );
  }

  #powerDown(): void {
    for (const camera of this.#cameras) {
      this.rig.disconnect(camera);
    }
    this.#results?.close();
    this.#results = undefined;
    this.#shown = [];
  }

  /** Feeds events and notes what the archive shows, for a time. */
  async #watch(forMs: number): Promise<void> {
    const count = this.disk.cuts.length;
    const untilNs = systemClock.monoNs() + BigInt(Math.round(forMs * 1e6));
    do {
      const atUs = systemClock.wallUs();
      const id = randomUUID();
      this.#results?.event(id, "new", atUs, atUs);
      this.#results?.snapshot(id, this.#jpeg, atUs);
      this.#results?.event(id, "end", atUs, atUs + 1000);
      // The disk may go at any moment: what is answered no longer is no fault.
      const shown = await this.#look().catch(() => undefined);
      if (shown !== undefined) {
        this.#shown.push(shown);
      }
      const leftMs = Number(untilNs - systemClock.monoNs()) / 1e6;
      await systemClock.sleep(Math.max(0, Math.min(EVENT_EVERY_MS, leftMs)));
    } while (systemClock.monoNs() < untilNs && this.disk.cuts.length === count);
  }

  async #look(): Promise<Shown> {
    const ends = new Map<string, number>();
    for (const camera of this.#cameras) {
      const { segments } = await this.rig.timeline(camera);
      ends.set(camera, Math.max(0, ...segments.map(({ endWallUs }) => endWallUs)));
    }
    const { events } = await this.rig.get<{ events: ShownEvent[] }>("/events?limit=20");
    const { commits } = (await this.rig.status()) as unknown as { commits: { longestDurationMs: number } };
    this.#longestCommitMs = Math.max(this.#longestCommitMs, commits.longestDurationMs);
    return { atUs: systemClock.wallUs(), endsUs: ends, events };
  }

  /** What is not as it was shown, in words. */
  async #notKept(shown: Shown | undefined, cut: Cut): Promise<string[]> {
    return await this.#assertKept(shown, cut).then(
      () => [],
      (error: Error) => [`KEPT ${error.message}`],
    );
  }

  /** What was shown before the cut is shown after it; what is missing has a row that says why. */
  async #assertKept(shown: Shown | undefined, cut: Cut): Promise<void> {
    for (const camera of this.#cameras) {
      const { segments, gaps } = await this.rig.timeline(camera);
      const endUs = Math.max(0, ...segments.map(({ endWallUs }) => endWallUs));
      const shownUs = shown?.endsUs.get(camera) ?? 0;
      assert.ok(endUs >= shownUs, `${camera}: ${(shownUs - endUs) / 1e6} s were shown before the cut and are gone`);
      const last = gaps.at(-1);
      assert.equal(last?.cause, "machine-restart", `${camera}: ${JSON.stringify(gaps)}`);
      assert.ok(last.ongoing && last.startWallUs === endUs, `${camera}: its gap begins elsewhere`);
      assert.ok(endUs <= cut.wallUs + 1e6, `${camera} was recorded after the cut`);
    }
    await this.#assertEventsKept(shown);
  }

  /** But for those that retention deleted with the recording they belong to, maybe between the look and the cut. */
  async #assertEventsKept(shown: Shown | undefined): Promise<void> {
    const { segments } = await this.rig.timeline(this.#cameras[0] ?? "");
    const oldestUs = Math.min(...segments.map(({ startWallUs }) => startWallUs));
    for (const { id, startWallUs } of shown?.events ?? []) {
      if (startWallUs >= oldestUs) {
        const event = await this.rig.get<ShownEvent>(`/events/${id}`);
        assert.equal(event.startWallUs, startWallUs);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#powerDown();
    await this.#archive?.powerOff();
    this.sound[Symbol.dispose]();
    await this.disk[Symbol.asyncDispose]();
    await run("umount", [BOOT_ID]).catch(() => {});
    await this.rig[Symbol.asyncDispose]();
  }
}

/** What a rig is made of. */
export interface PowerCutOptions {
  readonly cameras: readonly string[];
  /** Variables of the archive's process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is promised, when the longest commit took so long. */
  readonly limits?: (longestCommitMs: number) => SoundLimits;
}

async function makeJpeg(rig: ArchiveRig): Promise<Buffer> {
  const media = await makeTestMedia({ durationS: 1 });
  const file = join(rig.home.root, "picture.jpg");
  await run("ffmpeg", ["-nostdin", "-v", "error", "-i", media, "-frames:v", "1", file]);
  return readFileSync(file);
}
