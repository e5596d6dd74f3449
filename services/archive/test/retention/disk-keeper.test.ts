import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Clock, createLogger, systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { DiskSet } from "../../src/disks/disk-set.ts";
import { segmentFileOf } from "../../src/recording/recording-paths.ts";
import { DiskKeeper } from "../../src/retention/disk-keeper.ts";
import { openForWriting } from "../../src/store/database.ts";
import { STATE_DISK } from "../../src/store/disk-table.ts";
import { makeStore, type Store } from "../../src/store/store.ts";

const MB = 1_000_000;
const FLOOR_BYTES = 100 * MB;
/** A quarter of the floor. */
const RESERVE_BYTES = 25 * MB;
const SEGMENT_BYTES = 10 * MB;
const FRAGMENT_BYTES = 2 * MB;
const log = createLogger("test", "silent");

/** A keeper of a disk of ten gigabytes on which files are as large as their rows say, whatever they hold. */
class Scene {
  readonly stateDir = mkdtempSync(join(tmpdir(), "lanthorn-disk-keeper-"));
  readonly store: Store;
  readonly keeper: DiskKeeper;
  /** Free when no recording is there. */
  emptyBytes: number;

  constructor(context: TestContext, options: { segments: number; freeBytes: number; clock?: Clock }) {
    const { stateDir } = this;
    const { clock = systemClock, freeBytes, segments } = options;
    const database = openForWriting(stateDir);
    this.store = makeStore(database);
    this.emptyBytes = freeBytes + segments * SEGMENT_BYTES;
    this.#record(segments);
    const stateWish = { directory: stateDir, maxBytes: 0, minFreeBytes: FLOOR_BYTES, cameras: [] };
    const disks = new DiskSet({ store: this.store, clock, log, stateWish, wishes: [], welcome: async () => {} });
    this.keeper = new DiskKeeper({
      ...{ stateDir, store: this.store, disks, clock, log },
      limits: { maxBytes: 0, minFreeBytes: FLOOR_BYTES },
      settingsOf: () => undefined,
      growing: () => [],
      readSpace: () => ({ totalBytes: 10_000 * MB, freeBytes: this.freeBytes }),
    });
    context.after(async () => {
      await this.keeper.stop();
      database.close();
      rmSync(stateDir, { recursive: true });
    });
  }

  get freeBytes(): number {
    return this.emptyBytes - this.files * SEGMENT_BYTES;
  }

  get files(): number {
    const names = readdirSync(this.stateDir, { recursive: true, encoding: "utf8" });
    return names.filter((name) => name.endsWith(".mp4")).length;
  }

  #record(segments: number): void {
    const { store } = this;
    store.transaction(() => {
      const facts = { codecs: "avc1", widthPx: 1, heightPx: 1, hasAudio: false };
      const initSegmentId = store.cameras.ensureInit(Buffer.from("init"), facts);
      const cameraRow = store.cameras.ensure(CameraId.parse("yard"));
      for (let index = 0; index < segments; index++) {
        const startWallUs = 1_700_000_000_000_000 + index * 60_000_000;
        const id = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0 });
        const sizes = { headerBytes: 10, mediaBytes: 900, fileBytes: SEGMENT_BYTES, fragments: 60, keyFragments: 60 };
        store.segments.close({ id, endWallUs: startWallUs + 60_000_000, duration90k: 5_400_000, ...sizes });
      }
    });
    for (const row of store.retention.page(store.cameras.find("yard") ?? 0, null, 0, segments)) {
      const file = segmentFileOf(store.disks, row);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "");
    }
  }

  /** Asks for fragments of sixteen cameras at once; how many were admitted. */
  async askAtOnce(): Promise<number> {
    const answers = await Promise.all(Array.from({ length: 16 }, () => this.keeper.admit(FRAGMENT_BYTES, STATE_DISK)));
    return answers.filter((isAdmitted) => isAdmitted).length;
  }
}

test("sixteen fragments asked for at once near the floor wait until there is room for all of them", async (context) => {
  const scene = new Scene(context, { segments: 200, freeBytes: FLOOR_BYTES + 3 * MB });
  await scene.keeper.start();
  assert.equal(await scene.askAtOnce(), 16);
  // Nothing of what was admitted is on this disk yet: all of it has to fit above the floor.
  assert.ok(scene.freeBytes >= FLOOR_BYTES + 16 * FRAGMENT_BYTES, `${scene.freeBytes} bytes free`);
  assert.equal(scene.keeper.admittedBelowFloor, 0);
  assert.ok(scene.files > 150, `${200 - scene.files} of 200 deleted`);
});

test("where nothing is left to delete, fragments are admitted down to a quarter of the floor, and not one more", async (context) => {
  const scene = new Scene(context, { segments: 0, freeBytes: RESERVE_BYTES + 5 * MB });
  await scene.keeper.start();
  assert.equal(await scene.askAtOnce(), 2);
  assert.equal(scene.keeper.admittedBelowFloor, 2);
  assert.match(scene.keeper.faults().join(), /^$/);
  scene.emptyBytes = RESERVE_BYTES - 1;
  assert.equal(await scene.askAtOnce(), 0);
  await waitUntil("what the owner is told", () => scene.keeper.faults().some((fault) => /disk full/.test(fault)));
});

test("a fragment does not wait for ever for a deletion that does not end", async (context) => {
  let letPlan = () => {};
  const planning = new Promise<void>((resolve) => {
    letPlan = resolve;
  });
  // Planning does not get its turn; patience ends at once.
  const sleep = (durationMs: number, signal?: AbortSignal) =>
    durationMs === 0 ? planning : systemClock.sleep(durationMs === 4000 ? 1 : durationMs, signal);
  const scene = new Scene(context, { segments: 20, freeBytes: FLOOR_BYTES - MB, clock: { ...systemClock, sleep } });
  assert.equal(await scene.keeper.admit(FRAGMENT_BYTES, STATE_DISK), false, "nobody has looked at the disk yet");
  await scene.keeper.start();
  assert.equal(await scene.keeper.admit(FRAGMENT_BYTES, STATE_DISK), true);
  assert.equal(scene.keeper.admittedBelowFloor, 1);
  assert.equal(scene.files, 20);
  letPlan();
  await waitUntil("room", () => scene.freeBytes >= FLOOR_BYTES);
});

test("nobody has to ask: what another process takes is made good, with headroom, and rows go with the files", async (context) => {
  const scene = new Scene(context, { segments: 300, freeBytes: FLOOR_BYTES + 50 * MB });
  await scene.keeper.start();
  const room = scene.keeper.rooms.get(STATE_DISK);
  assert.ok(room !== undefined);
  scene.emptyBytes -= 500 * MB;
  await waitUntil("the headroom", () => scene.freeBytes >= FLOOR_BYTES + room.headroomBytes);
  assert.ok(room.headroomBytes > FLOOR_BYTES / 16 && room.headroomBytes <= FLOOR_BYTES / 4, "he may do so again");
  await waitUntil("the rows", () => scene.store.segments.unsettled().length === 0);
  assert.equal(scene.keeper.deletedSegments, 300 - scene.files);
  assert.equal(scene.store.segments.bytesByDisk().get(STATE_DISK), scene.files * SEGMENT_BYTES);
});

test("what is admitted beside recordings counts as ours until folders are counted; room that is only provided does not", async (context) => {
  const scene = new Scene(context, { segments: 0, freeBytes: 5000 * MB });
  await scene.keeper.start();
  const usedBytes = () => scene.keeper.figures.usedBytes;
  const before = usedBytes();
  assert.equal(await scene.keeper.provide(1000 * MB), true);
  assert.equal(usedBytes(), before);
  assert.equal(await scene.keeper.provide(5000 * MB), false);
  assert.equal(await scene.keeper.admit(700 * MB), true);
  assert.ok(usedBytes() >= before + 700 * MB);
});
