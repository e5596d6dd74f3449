import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, dayHeading, duration } from "../src/format.ts";
import { labelName, strings } from "../src/strings.ts";

const NOW_US = new Date(2026, 10, 21, 14, 0, 0).getTime() * 1000;

test("durations are said as people say them", () => {
  assert.deepEqual([0.4, 8, 59.4, 60, 185, 3599, 3600, 7500, 90_000, 260_000].map(duration), [
    "0 s",
    "8 s",
    "59 s",
    "1 min",
    "3 min 5 s",
    "60 min",
    "1 h",
    "2 h 5 min",
    "1 d",
    "3 d",
  ]);
});

test("instants near now are told by distance, others by the clock", () => {
  assert.equal(ago(NOW_US - 1e6, NOW_US), strings.time.now);
  assert.equal(ago(NOW_US - 12e6, NOW_US), "12 s ago");
  assert.equal(ago(NOW_US - 600e6, NOW_US), "10 min ago");
  assert.equal(ago(NOW_US - 7200e6, NOW_US), "12:00");
  assert.match(ago(NOW_US - 40 * 3600e6, NOW_US), / 22:00$/);
});

test("days have names", () => {
  assert.equal(dayHeading(NOW_US - 3600e6, NOW_US), strings.time.today);
  assert.equal(dayHeading(NOW_US - 20 * 3600e6, NOW_US), strings.time.yesterday);
  assert.match(dayHeading(NOW_US - 60 * 3600e6, NOW_US), /19/);
});

test("bytes and labels are readable", () => {
  assert.deepEqual([0, 999, 1000, 1.5e6, 123e9, 2e12].map(bytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "1.5 MB",
    "123 GB",
    "2.0 TB",
  ]);
  assert.equal(labelName("person"), "Person");
  assert.equal(labelName("fire hydrant"), "Fire hydrant");
});
