import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingSettings } from "@lanthorn/contract";
import { checkDraft } from "../src/settings/check.ts";
import {
  changedFields,
  type Draft,
  type DraftField,
  draftOf,
  isDraft,
  patchOf,
  rebased,
} from "../src/settings/draft.ts";
import { strings } from "../src/strings.ts";

const STORED = RecordingSettings.parse({
  minScore01: 0.29,
  preRollS: 2.5,
  labels: ["person"],
  retention: { maxDays: 30, minDays: 7, maxBytes: 123_456_789_012 },
});
const BASE = draftOf(STORED);

/** What a save of some changes would send, or what is wrong with them. */
const checked = (change: Partial<Draft>, stored = STORED) => checkDraft(stored, { ...draftOf(stored), ...change });

test("settings that nobody has touched come back as they were, and nothing is sent", () => {
  assert.deepEqual(patchOf(BASE, draftOf(STORED)), {});
  assert.deepEqual(changedFields(BASE, { ...BASE }), []);
  assert.deepEqual(
    [BASE.minScorePercent, BASE.preRollS, BASE.maxGigabytes, BASE.eventDays],
    ["29", "2.5", "123.456789012", ""],
  );
});

test("only what was changed is sent: what somebody else sets meanwhile stays", () => {
  assert.deepEqual(checked({ maxDays: "14", postRollS: "20" }).patch, { postRollS: 20, retention: { maxDays: 14 } });
  assert.deepEqual(checked({ mode: "events", labels: [] }).patch, { mode: "events", labels: [] });
});

test("numbers are read as people type them, and an empty bound is none", () => {
  assert.deepEqual(checked({ preRollS: " 7,5 " }).patch, { preRollS: 7.5 });
  assert.deepEqual(checked({ minScorePercent: "57" }).patch, { minScore01: 0.57 });
  assert.deepEqual(checked({ maxGigabytes: "1,5" }).patch, { retention: { maxBytes: 1_500_000_000 } });
  assert.deepEqual(checked({ maxDays: "", maxGigabytes: " " }).patch, { retention: { maxDays: null, maxBytes: null } });
});

test("every fault is found at its field by the box's own schema, and has words", () => {
  const wrong: [DraftField, Partial<Draft>][] = [
    ["preRollS", { preRollS: "61" }],
    ["preRollS", { preRollS: "" }],
    ["postRollS", { postRollS: "ten" }],
    ["minScorePercent", { minScorePercent: "101" }],
    ["labels", { labels: ["person", "person"] }],
    ["labels", { labels: ["x".repeat(65)] }],
    ["streams", { streams: [] }],
    ["maxDays", { maxDays: "-1" }],
    ["eventDays", { eventDays: "4000" }],
    ["minDays", { minDays: "31" }], // more than maxDays
    ["minDays", { minDays: "" }],
    ["maxGigabytes", { maxGigabytes: "0" }],
    ["mode", { mode: "sometimes" as Draft["mode"] }],
  ];
  for (const [field, change] of wrong) {
    const { faults, patch } = checked(change);
    assert.deepEqual([faults.map((fault) => fault.field), patch], [[field], undefined], JSON.stringify(change));
    assert.ok(strings.settings.faults[field].length > 5);
  }
});

test("a faulty time of the schedule is told by its place", () => {
  const good = { days: ["mon" as const], from: "08:00", to: "18:00", mode: "off" as const };
  const { faults } = checked({ schedule: [good, { ...good, days: [] }, { ...good, to: "" }] });
  assert.deepEqual(
    faults.map(({ field, window }) => [field, window]),
    [
      ["schedule", 1],
      ["schedule", 2],
    ],
  );
});

test("whoever made days fewer below a guarantee is told at the guarantee, although he did not touch it", () => {
  assert.deepEqual(
    checked({ maxDays: "3" }).faults.map(({ field }) => field),
    ["minDays"],
  );
});

test("when the box's settings change, untouched fields follow and touched ones stay", () => {
  const mine = { ...BASE, mode: "events" as const, maxDays: "" };
  const theirs = draftOf({ ...STORED, mode: "off", postRollS: 99 });
  assert.deepEqual(rebased(BASE, mine, theirs), { ...theirs, mode: "events", maxDays: "" });
});

test("what storage gives back is taken only if it is a draft", () => {
  assert.ok(isDraft(JSON.parse(JSON.stringify(BASE))));
  for (const junk of [null, 7, "x", [], {}, { ...BASE, schedule: "none" }, { ...BASE, maxDays: null }]) {
    assert.equal(isDraft(junk), false, JSON.stringify(junk));
  }
});
