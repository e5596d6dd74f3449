import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity, CameraId } from "@lanthorn/contract";
import { FakeClock } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { type ActivityRequest, activityOf } from "../../src/finding/activity.ts";
import { migrate } from "../../src/store/migrations.ts";
import { makeStore } from "../../src/store/store.ts";
import { putEvent, putSegment } from "../support/made-events.ts";
import { START_US } from "../support/made-packets.ts";

const HOUR_US = 3_600_000_000;

function scene() {
  const database = new Sqlite(":memory:");
  migrate(database);
  const store = makeStore(database);
  const ask = (request: Partial<ActivityRequest>): Activity =>
    Activity.parse(
      activityOf(
        {
          camera: CameraId.parse("street"),
          labels: undefined,
          by: "label",
          fromUs: START_US,
          toUs: START_US + 24 * HOUR_US,
          bucketsMax: 300,
          bucketS: 3600,
          originUs: 0,
          ...request,
        },
        { store, clock: new FakeClock(), growing: () => [] },
      ),
    );
  return { store, ask };
}

test("events are counted by the hour, by label or by what people call it, of one camera or of all", () => {
  const { ask, store } = scene();
  for (const [label, startS] of [
    ["person", 10],
    ["person", 3599],
    ["car", 3600],
    ["truck", 3601],
    ["sofa", 7200],
  ] as const) {
    putEvent(store, { label, startS });
  }
  putEvent(store, { camera: "porch", label: "person", startS: 20 });
  const counts = (request: Partial<ActivityRequest>) =>
    ask(request).buckets.map(({ startWallUs, events }) => [(startWallUs - START_US) / HOUR_US, events]);
  assert.deepEqual(counts({}), [
    [0, { person: 2 }],
    [1, { car: 1, truck: 1 }],
    [2, { sofa: 1 }],
  ]);
  assert.deepEqual(counts({ by: "group" }), [
    [0, { person: 2 }],
    [1, { vehicle: 2 }],
    [2, { other: 1 }],
  ]);
  assert.deepEqual(counts({ camera: undefined, labels: ["person"] }), [[0, { person: 3 }]]);
  assert.deepEqual(ask({ camera: undefined }).totals, { person: 3, car: 1, truck: 1, sofa: 1 });
  assert.deepEqual(counts({ bucketS: 86_400 }), [[0, { person: 2, car: 1, truck: 1, sofa: 1 }]]);
  assert.deepEqual(ask({ camera: CameraId.parse("elsewhere") }).buckets, []);
});

test("what is recorded is told alike from the summary and from the segments, and gaps only when a bucket is no longer", () => {
  const { ask, store } = scene();
  putSegment(store, "street", 600, 1800);
  putSegment(store, "street", 1800, 3000);
  putSegment(store, "street", 3030, 4600);
  const cameraRow = store.cameras.find("street") ?? -1;
  store.gaps.insert(cameraRow, { startWallUs: START_US + 3000e6, endWallUs: START_US + 3030e6, cause: "ring-overrun" });
  store.gaps.begin(cameraRow, START_US + 4600e6, "disk-full");
  const seconds = (bucketS: number, hours: number) =>
    ask({ bucketS, toUs: START_US + hours * HOUR_US }).buckets.map(({ recordedUs = 0 }) => recordedUs / 1e6);
  assert.deepEqual(seconds(3600, 24), [2970, 1000]);
  assert.deepEqual(seconds(600, 1), [600, 600, 600, 600, 570]);
  assert.deepEqual(
    ask({ bucketS: 3600 }).gaps?.map(({ cause }) => cause),
    [],
  );
  assert.deepEqual(ask({ bucketS: 60, toUs: START_US + 2 * HOUR_US }).gaps, []);
});
