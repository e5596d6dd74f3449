import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraId, ResultRecord } from "@lanthorn/contract";
import { EventLog } from "../../src/events/event-log.ts";
import { SnapshotChoice } from "../../src/events/snapshot-choice.ts";
import { observe, startTrack, type Track } from "../../src/tracking/track.ts";
import type { TrackerUpdate } from "../../src/tracking/tracker.ts";

const camera = CameraId.parse("porch");
const START_US = 1_767_225_600_000_000;
const box = (x: number, width = 0.1) => ({ x, y: 0.3, width, height: 0.3 });

function makeLog(): EventLog {
  let ids = 0;
  return new EventLog({ camera, model: "motion", updateMs: 1000, makeId: (wallUs) => `${++ids}@${wallUs}` });
}

function track(): Track {
  const made = startTrack("t1", { box: box(0.1), label: "motion", score01: 0.7, moving01: 1 }, 0);
  observe(made, { box: box(0.15), label: "motion", score01: 0.9, moving01: 1 }, 300);
  return made;
}

const frame = (ms: number) => ({
  sequence: ms,
  captureWallUs: START_US + ms * 1000,
  pts90k: ms * 90,
  widthPx: 1280,
  heightPx: 720,
});
const update = (visible: Track[], ended: Track[] = []): TrackerUpdate => ({ visible, started: [], ended });

test("an event is told at its beginning, once a second, and at its end, and never after", () => {
  const log = makeLog();
  const thing = track();
  const phases: string[] = [];
  for (let ms = 300; ms <= 2800; ms += 100) {
    phases.push(...log.take(update([thing]), frame(ms)).events.map(({ phase }) => `${phase} ${ms}`));
  }
  phases.push(...log.take(update([], [thing]), frame(4800)).events.map(({ phase }) => `${phase} 4800`));
  assert.deepEqual(phases, ["new 300", "update 1300", "update 2300", "end 4800"]);
  assert.deepEqual(log.endAll(), []);
});

test("an event starts when its thing was first seen and ends when it was last seen, not when that was noticed", () => {
  const log = makeLog();
  const thing = track();
  const [begun] = log.take(update([thing]), frame(300)).events;
  assert.equal(begun?.event.startWallUs, START_US);
  assert.equal(begun?.event.endWallUs, null);
  assert.equal(begun?.event.topScore01, 0.9);
  const [ended] = log.take(update([], [thing]), frame(2300)).events;
  assert.equal(ended?.event.endWallUs, START_US + 300_000);
  assert.equal(ended?.event.id, begun?.event.id);
});

test("a frame is told while something is in it, and once more when it is empty again", () => {
  const log = makeLog();
  const thing = track();
  const told = [[], [thing], [thing], [], [], [thing], []].map(
    (visible, index) => log.take(update(visible), frame(index * 100)).visible?.length,
  );
  assert.deepEqual(told, [undefined, 1, 1, 0, undefined, 1, 0]);
});

test("events keep to the contract's schema", () => {
  const log = makeLog();
  const [report] = log.take(update([track()]), frame(300)).events;
  const record = { type: "event", camera, frame: frame(300), arrivalToEventMs: 3, ...report };
  assert.equal(ResultRecord.safeParse(record).success, true);
});

test("stopping ends every open event where it was last seen", () => {
  const log = makeLog();
  log.take(update([track(), track()]), frame(300));
  assert.deepEqual(
    log.endAll().map(({ phase, event }) => [phase, event.endWallUs]),
    Array(2).fill(["end", START_US + 300_000]),
  );
  assert.equal(log.openCount, 0);
});

test("a picture is taken at first, then only when clearly larger and at most once a second; cut things count less", () => {
  const choice = new SnapshotChoice();
  const take = (ms: number, width: number, x = 0.2) => choice.isBetter("e", box(x, width), START_US + ms * 1000);
  assert.equal(take(0, 0.1), true);
  assert.equal(take(500, 0.3), false, "too soon");
  assert.equal(take(1000, 0.11), false, "hardly larger");
  assert.equal(take(1100, 0.14, 0), false, "cut by the picture's edge");
  assert.equal(take(1200, 0.14), true);
  choice.forget("e");
  assert.equal(take(1300, 0.05), true, "a new event");
});
