import assert from "node:assert/strict";
import { test } from "node:test";
import { RetentionSettings } from "@lanthorn/contract";
import fc from "fast-check";
import {
  type Candidate,
  isGuaranteed,
  limitDaysOf,
  planRetention,
  type RetentionNeed,
  type Victim,
} from "../../src/retention/retention-rules.ts";

const DAY_US = 86_400_000_000;
const NOW_US = 1000 * DAY_US;
const CAMERAS = ["drive", "garden", "porch"];

const anyLimits = fc
  .record({
    maxDays: fc.option(fc.integer({ min: 1, max: 12 })),
    eventDays: fc.option(fc.integer({ min: 1, max: 20 })),
    minDays: fc.integer({ min: 0, max: 8 }),
    maxBytes: fc.option(fc.integer({ min: 1, max: 2000 })),
  })
  .map((limits) => RetentionSettings.parse({ ...limits, minDays: Math.min(limits.minDays, limits.maxDays ?? 8) }));
const anySegments = fc
  .array(
    fc.record({
      camera: fc.constantFrom(...CAMERAS),
      disk: fc.constantFrom(1, 2),
      ageDays: fc.double({ min: 0, max: 15, noNaN: true }),
      fileBytes: fc.integer({ min: 1, max: 100 }),
      isEvent: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((list) =>
    list.map(
      ({ ageDays, ...rest }, id): Candidate => ({ ...rest, id, endWallUs: NOW_US - Math.round(ageDays * DAY_US) }),
    ),
  );
const anyNeed = fc
  .record({
    limits: fc.tuple(anyLimits, anyLimits, anyLimits),
    one: fc.nat(2000),
    two: fc.nat(2000),
    anywhereBytes: fc.nat(3000),
  })
  .map(({ limits, one, two, anywhereBytes }) => ({
    limits,
    anywhereBytes,
    diskBytes: new Map([
      [1, one],
      [2, two],
    ]),
  }));

const sum = (segments: readonly Candidate[]) => segments.reduce((total, { fileBytes }) => total + fileBytes, 0);

function needOf(
  given: { limits: RetentionSettings[]; diskBytes: Map<number, number>; anywhereBytes: number },
  all: readonly Candidate[],
): RetentionNeed {
  const cameraBytes = new Map(
    CAMERAS.map((camera) => [camera, sum(all.filter((segment) => segment.camera === camera))]),
  );
  const limitsOf = (camera: string) => given.limits[CAMERAS.indexOf(camera)] ?? RetentionSettings.parse({});
  return { nowUs: NOW_US, limitsOf, cameraBytes, diskBytes: given.diskBytes, anywhereBytes: given.anywhereBytes };
}

/** Runs a property over any segments and any need. */
function always(hold: (all: Candidate[], need: RetentionNeed, victims: Victim[]) => void): void {
  fc.assert(
    fc.property(anySegments, anyNeed, (all, given) => {
      const need = needOf(given, all);
      hold(all, need, planRetention(all, need));
    }),
    { numRuns: 400 },
  );
}

test("enough is freed on every disk and anywhere, or everything is chosen", () => {
  always((all, need, victims) => {
    for (const [disk, bytes] of [...need.diskBytes, [undefined, need.anywhereBytes] as const]) {
      const there = all.filter((segment) => disk === undefined || segment.disk === disk);
      const freed = victims.map(({ segment }) => segment).filter((segment) => there.includes(segment));
      assert.ok(sum(freed) >= bytes || freed.length === there.length, `disk ${disk}: ${sum(freed)} of ${bytes}`);
    }
  });
});

test("never more than needed: without the last one chosen, the need would not be met", () => {
  fc.assert(
    fc.property(anySegments, fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)), fc.nat(3000), (all, minDays, anywhereBytes) => {
      const limits = minDays.map((days) => RetentionSettings.parse({ minDays: days }));
      const victims = planRetention(all, needOf({ limits, diskBytes: new Map(), anywhereBytes }, all));
      const before = victims.slice(0, -1).map(({ segment }) => segment);
      assert.ok(victims.length === 0 || sum(before) < anywhereBytes);
    }),
  );
});

test("a guarantee is broken only when nothing that could help is left without one", () => {
  always((all, need, victims) => {
    const chosen = new Set(victims.map(({ segment }) => segment.id));
    for (const { segment, rule } of victims) {
      assert.ok(rule !== "room" || !isGuaranteed(segment, need));
      if (rule === "guarantee-broken") {
        const left = all.filter(
          (other) => !chosen.has(other.id) && !isGuaranteed(other, need) && other.disk === segment.disk,
        );
        assert.deepEqual(left, []);
      }
    }
  });
});

test("what is older than its camera's days always goes, and nothing younger goes for its age", () => {
  always((all, need, victims) => {
    const ruleOf = new Map(victims.map(({ segment, rule }) => [segment.id, rule]));
    for (const segment of all) {
      const days = limitDaysOf(need.limitsOf(segment.camera), segment.isEvent);
      const isOver = days !== null && NOW_US - segment.endWallUs > days * DAY_US;
      assert.equal(ruleOf.get(segment.id) === "expired", isOver);
    }
  });
});

test("a camera with a limit of bytes keeps at most so many", () => {
  always((all, need, victims) => {
    const chosen = new Set(victims.map(({ segment }) => segment.id));
    for (const camera of CAMERAS) {
      const kept = all.filter((segment) => segment.camera === camera && !chosen.has(segment.id));
      assert.ok(sum(kept) <= (need.limitsOf(camera).maxBytes ?? Number.POSITIVE_INFINITY));
    }
  });
});

test("the order of the candidates does not matter", () => {
  always((all, need, victims) => {
    const again = planRetention(all.toReversed(), need);
    const inWords = (list: readonly Victim[]) => list.map(({ segment, rule }) => `${segment.id} ${rule}`).sort();
    assert.deepEqual(inWords(again), inWords(victims));
  });
});

const made = (id: number, camera: string, ageDays: number, isEvent = false): Candidate => ({
  id,
  camera,
  disk: 1,
  endWallUs: NOW_US - ageDays * DAY_US,
  fileBytes: 10,
  isEvent,
});
const room = (bytes: number, limits: Partial<Record<string, Partial<RetentionSettings>>>): RetentionNeed => ({
  nowUs: NOW_US,
  limitsOf: (camera) => RetentionSettings.parse(limits[camera] ?? {}),
  cameraBytes: new Map(),
  diskBytes: new Map([[1, bytes]]),
  anywhereBytes: 0,
});
const ids = (victims: readonly Victim[]) => victims.map(({ segment }) => segment.id);

test("room: the oldest goes first, whichever camera it is of", () => {
  const all = [made(1, "a", 3), made(2, "b", 9), made(3, "a", 5)];
  assert.deepEqual(ids(planRetention(all, room(20, {}))), [2, 3]);
});

test("room: a camera's guarantee turns deletion to the others, and broken guarantees are broken in proportion", () => {
  const all = [made(1, "a", 6), made(2, "b", 1), made(3, "c", 3)];
  const limits = { a: { minDays: 10 }, c: { minDays: 4 } };
  assert.deepEqual(
    planRetention(all, room(10, limits)).map(({ segment, rule }) => [segment.id, rule]),
    [[2, "room"]],
  );
  const broken = planRetention(all, room(20, limits));
  assert.deepEqual(
    broken.map(({ segment, rule }) => [segment.id, rule]),
    [
      [2, "room"],
      [3, "guarantee-broken"],
    ],
  );
});

test("room: footage of events outlasts the rest as its owner wants, but does not starve it", () => {
  const limits = { a: { maxDays: 10, eventDays: 40 } };
  const all = [made(1, "a", 9), made(2, "a", 30, true), made(3, "a", 5), made(4, "a", 38, true)];
  assert.deepEqual(ids(planRetention(all, room(30, limits))), [4, 1, 2]);
});

test("with more candidates behind the horizon nothing younger than it is taken, and no guarantee broken", () => {
  const all = [made(1, "a", 9), made(2, "b", 3), made(3, "c", 8)];
  const limits = { c: { minDays: 10 } };
  assert.deepEqual(ids(planRetention(all, { ...room(30, limits), horizonUs: 5 * DAY_US })), [1]);
});
