import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraId, RecordingSettings } from "@lanthorn/contract";
import Sqlite from "better-sqlite3";
import { checkTime } from "../../src/check/check-time.ts";
import { Findings } from "../../src/check/findings.ts";
import type { FrontSegment } from "../../src/retention/event-footage.ts";
import { RetentionPlanner } from "../../src/retention/retention-planner.ts";
import type { Victim } from "../../src/retention/retention-rules.ts";
import { migrate } from "../../src/store/migrations.ts";
import { makeStore, type Store } from "../../src/store/store.ts";

const DAY_US = 86_400_000_000;
const SEGMENT_US = 60_000_000;
const NOW_US = 1_767_225_600_000_000 + 20 * DAY_US;
const FILE_BYTES = 1000;

function open(): Store {
  const database = new Sqlite(":memory:");
  migrate(database);
  return makeStore(database);
}

/** Minutes of recording without a hole, the last of which ends `agoUs` ago. */
function record(store: Store, slug: string, minutes: number, agoUs: number): void {
  store.transaction(() => {
    const cameraRow = store.cameras.ensure(CameraId.parse(slug));
    const facts = { codecs: "avc1", widthPx: 1, heightPx: 1, hasAudio: false };
    const initSegmentId = store.cameras.ensureInit(Buffer.from("init"), facts);
    for (let index = minutes; index > 0; index--) {
      const startWallUs = NOW_US - agoUs - index * SEGMENT_US;
      const id = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0 });
      const sizes = { headerBytes: 10, mediaBytes: 900, fileBytes: FILE_BYTES, fragments: 60, keyFragments: 60 };
      store.segments.close({ id, endWallUs: startWallUs + SEGMENT_US, duration90k: 5_400_000, ...sizes });
    }
  });
}

function putEvent(store: Store, slug: string, startWallUs: number, label = "person"): void {
  const cameraRow = store.cameras.ensure(CameraId.parse(slug));
  const endWallUs = startWallUs + 1_000_000;
  const box = { x: 0, y: 0, width: 0.1, height: 0.1 };
  const rest = { box, score01: 0.9, topScore01: 0.9, zones: [], model: "made", trackId: "t" };
  const event = { id: `${slug}-${startWallUs}`, camera: CameraId.parse(slug), label, startWallUs, endWallUs, ...rest };
  store.events.apply(cameraRow, { event, lastWallUs: endWallUs });
}

/** Plans and deletes rows until nothing more is to go; returns all that went. */
async function deleteAll(
  store: Store,
  settings: Record<string, unknown>,
  bytes: number,
): Promise<Victim<FrontSegment>[]> {
  const planner = new RetentionPlanner({
    store,
    settingsOf: (camera) => RecordingSettings.parse(settings[camera] ?? {}),
    rest: () => Promise.resolve(),
  });
  const gone: Victim<FrontSegment>[] = [];
  for (let round = 0; round < 500; round++) {
    const freed = gone.length * FILE_BYTES;
    const diskBytes = new Map(bytes > freed ? [[1, bytes - freed]] : []);
    const { victims, isMore } = await planner.plan({ nowUs: NOW_US, era: "", diskBytes, anywhereBytes: 0 });
    if (victims.length === 0 && !isMore) {
      return gone;
    }
    store.transaction(() => {
      for (const { segment } of victims.toSorted((a, b) => a.segment.id - b.segment.id)) {
        store.segments.markDeleting(segment.id);
        store.retention.closeHole(segment);
        store.segments.remove(segment.id);
      }
    });
    gone.push(...victims);
  }
  return assert.fail("it never ends");
}

function assertTimelineSound(store: Store): void {
  const findings = new Findings();
  checkTime(store.database, findings);
  assert.deepEqual(findings.faults, []);
  assert.ok(findings.counts.cameras > 0);
}

test("exactly the oldest of all cameras go, however many more there are than one look shows", async () => {
  const store = open();
  record(store, "a", 700, 0);
  record(store, "b", 400, 200 * SEGMENT_US);
  const gone = await deleteAll(store, {}, 500 * FILE_BYTES);
  assert.equal(gone.length, 500);
  const newestGone = Math.max(...gone.map(({ segment }) => segment.endWallUs));
  const left = ["a", "b"].flatMap((slug) => store.retention.page(store.cameras.find(slug) ?? 0, null, 0, 2000));
  assert.equal(left.length, 600);
  assert.ok(left.every(({ endWallUs }) => endWallUs >= newestGone));
  assertTimelineSound(store);
});

test("a clip's segments never go, even when nothing else is left, and one gap lies behind each", async () => {
  const store = open();
  record(store, "a", 300, 0);
  record(store, "b", 300, 0);
  const atUs = NOW_US - 200 * SEGMENT_US;
  store.transaction(() =>
    store.clips.add({
      id: "kept",
      name: "kept",
      cameras: [CameraId.parse("a")],
      fromUs: atUs + 1,
      toUs: atUs + 3 * SEGMENT_US,
      createdWallUs: NOW_US,
    }),
  );
  const gone = await deleteAll(store, {}, 1_000_000 * FILE_BYTES);
  assert.equal(gone.length, 597);
  const rows = store.retention.page(store.cameras.find("a") ?? 0, null, 0, 10);
  assert.deepEqual(
    rows.map(({ startWallUs }) => startWallUs),
    [0, 1, 2].map((index) => atUs + index * SEGMENT_US),
  );
  assert.equal(store.retention.totalsIn(store.cameras.find("a") ?? 0, atUs + 1, atUs + 3 * SEGMENT_US).segments, 3);
  assertTimelineSound(store);
});

test("footage of events that count outlives the rest by its owner's days; others do not count; what is left adjoins gaps", async () => {
  const store = open();
  record(store, "a", 600, 5 * DAY_US); // 5 to 5.4 days old
  record(store, "a", 300, 0);
  store.gaps.insert(store.cameras.find("a") ?? 0, {
    startWallUs: NOW_US - 5 * DAY_US,
    endWallUs: NOW_US - 300 * SEGMENT_US,
    cause: "camera-disconnected",
  });
  const eventUs = NOW_US - 5 * DAY_US - 100 * SEGMENT_US + 30_000_000;
  putEvent(store, "a", eventUs);
  putEvent(store, "a", eventUs - 50 * SEGMENT_US, "cat");
  const settings = { a: { labels: ["person"], preRollS: 5, postRollS: 40, retention: { maxDays: 2, eventDays: 10 } } };
  const gone = await deleteAll(store, settings, 0);
  assert.ok(gone.every(({ rule }) => rule === "expired"));
  assert.equal(gone.length, 598, "the minute of the event, and the next by its post-roll, stay");
  const left = store.retention.page(store.cameras.find("a") ?? 0, null, 0, 2);
  assert.ok((left[0]?.startWallUs ?? 0) < eventUs && (left[1]?.endWallUs ?? 0) > eventUs + 40_000_000);
  assert.equal(store.events.byUuid(`a-${eventUs}`)?.label, "person");
  assertTimelineSound(store);
});

test("thousands of kept segments at the old end do not hide what must go behind them", async () => {
  const store = open();
  record(store, "a", 6000, 0);
  store.transaction(() =>
    store.clips.add({
      id: "long",
      name: "long",
      cameras: [CameraId.parse("a")],
      fromUs: 0,
      toUs: NOW_US - 1000 * SEGMENT_US,
      createdWallUs: NOW_US,
    }),
  );
  const gone = await deleteAll(store, {}, 10 * FILE_BYTES);
  assert.deepEqual(
    gone.map(({ segment }) => segment.startWallUs),
    Array.from({ length: 10 }, (_, index) => NOW_US - (1000 - index) * SEGMENT_US),
  );
  assertTimelineSound(store);
});

test("a guarantee holds as long as others can give, and is broken rather than stopping the recording", async () => {
  const store = open();
  record(store, "a", 200, 0);
  record(store, "b", 200, 0);
  const settings = { a: { retention: { minDays: 1 } } };
  const gone = await deleteAll(store, settings, 250 * FILE_BYTES);
  const of = (camera: string, rule: string) =>
    gone.filter((victim) => victim.segment.camera === camera && victim.rule === rule).length;
  assert.deepEqual([of("b", "room"), of("a", "guarantee-broken"), gone.length], [200, 50, 250]);
});
