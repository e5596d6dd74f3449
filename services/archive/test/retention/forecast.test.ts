import assert from "node:assert/strict";
import { test } from "node:test";
import { RetentionSettings } from "@lanthorn/contract";
import fc from "fast-check";
import { type ForecastCamera, forecastAll } from "../../src/retention/forecast.ts";
import { bytesPerDayOf } from "../../src/retention/write-rate.ts";

const HOUR_US = 3_600_000_000;
const DAY_HOURS = 24;

/** 100 bytes an hour by day, 10 by night. */
const rateAt = (hour: number) => (hour % DAY_HOURS >= 6 && hour % DAY_HOURS < 18 ? 100 : 10);
const hoursFrom = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ hour: from + index, bytes: rateAt(from + index) }));
const DAY_BYTES = 12 * 100 + 12 * 10;

test("a history of a day and a half does not count its second night or day double", () => {
  for (const from of [0, 6, 13, 20]) {
    const hours = hoursFrom(from, from + 36);
    assert.equal(bytesPerDayOf({ hours, fromUs: from * HOUR_US, toUs: (from + 36) * HOUR_US }), DAY_BYTES);
  }
});

test("hours at the ends count for the part that lies in the history, and hours without recordings as nothing", () => {
  const hours = hoursFrom(0, 24).map(({ hour, bytes }) => ({ hour, bytes: hour === 0 ? bytes / 2 : bytes }));
  assert.equal(bytesPerDayOf({ hours, fromUs: HOUR_US / 2, toUs: 24 * HOUR_US }), DAY_BYTES);
  assert.equal(bytesPerDayOf({ hours: hoursFrom(0, 12), fromUs: 0, toUs: 24 * HOUR_US }), 6 * 10 + 6 * 100);
  assert.equal(bytesPerDayOf({ hours: [], fromUs: 0, toUs: 0 }), 0);
});

test("after two weeks weekends are told apart: three weekends in 16 days do not raise the mean", () => {
  const isWeekend = (hour: number) => [0, 6].includes(new Date(hour * 3_600_000).getUTCDay());
  const saturday = 2 * DAY_HOURS; // 1970-01-03
  const hours = Array.from({ length: 16 * DAY_HOURS }, (_, index) => {
    const hour = saturday + index;
    return { hour, bytes: isWeekend(hour) ? 30 : 10 };
  });
  const toUs = (saturday + hours.length) * HOUR_US;
  const perDay = bytesPerDayOf({ hours, fromUs: saturday * HOUR_US, toUs });
  assert.ok(Math.abs(perDay - ((2 * 30 + 5 * 10) / 7) * 24) < 1e-6, String(perDay));
});

const camera = (name: string, bytesPerDay: number, limits: Partial<RetentionSettings> = {}): ForecastCamera => ({
  camera: name,
  bytesPerDay,
  eventShare01: 0,
  limits: RetentionSettings.parse(limits),
});
const rounded = (value: number) => Math.round(value * 1000) / 1000;
const daysOf = (cameras: readonly ForecastCamera[], roomBytes: number) =>
  forecastAll(cameras, roomBytes, 0).map(({ days, limitedBy }) => [rounded(days), limitedBy]);

test("cameras that share the room reach back equally far; limits of one leave more to the others", () => {
  assert.deepEqual(daysOf([camera("a", 10), camera("b", 30)], 400), [
    [10, "room"],
    [10, "room"],
  ]);
  assert.deepEqual(daysOf([camera("a", 10, { maxDays: 4 }), camera("b", 30)], 400), [
    [4, "days"],
    [12, "room"],
  ]);
  assert.deepEqual(daysOf([camera("a", 10, { maxBytes: 70 }), camera("b", 30)], 400), [
    [7, "camera-bytes"],
    [11, "room"],
  ]);
  assert.deepEqual(daysOf([camera("a", 10, { minDays: 25 }), camera("b", 30)], 400), [
    [25, "room"],
    [5, "room"],
  ]);
  assert.deepEqual(daysOf([camera("a", 1, { maxDays: 9 }), camera("b", 0)], 400), [
    [9, "days"],
    [Number.POSITIVE_INFINITY, "none"],
  ]);
});

test("guarantees that cannot all be met are broken in proportion", () => {
  assert.deepEqual(daysOf([camera("a", 10, { minDays: 20 }), camera("b", 10, { minDays: 60 })], 400), [
    [10, "room"],
    [30, "room"],
  ]);
});

test("footage of events lasts as much longer as its owner wants, until room ends both", () => {
  const both = { ...camera("a", 10, { maxDays: 5, eventDays: 20 }), eventShare01: 0.2 };
  const [plenty] = forecastAll([both], 1000, 0);
  assert.deepEqual([plenty?.days, plenty?.eventDays, plenty?.limitedBy], [5, 20, "days"]);
  const [scarce] = forecastAll([both], 40, 0);
  assert.ok(scarce !== undefined && Math.abs(scarce.eventDays / scarce.days - 4) < 0.01);
  assert.ok(Math.abs(10 * (0.8 * scarce.days + 0.2 * scarce.eventDays) - 40) < 0.01);
});

test("whatever is asked: what is forecast fits into the room, and nothing lasts longer than its limit", () => {
  const anyCamera = fc.record({
    bytesPerDay: fc.integer({ min: 1, max: 1000 }),
    maxDays: fc.option(fc.integer({ min: 1, max: 100 })),
    minDays: fc.integer({ min: 0, max: 50 }),
    maxBytes: fc.option(fc.integer({ min: 1, max: 50_000 })),
  });
  fc.assert(
    fc.property(
      fc.array(anyCamera, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 100_000 }),
      (all, room) => {
        const cameras = all.map(({ bytesPerDay, minDays, maxDays, maxBytes }, index) =>
          camera(String(index), bytesPerDay, { maxDays, maxBytes, minDays: Math.min(minDays, maxDays ?? minDays) }),
        );
        const forecasts = forecastAll(cameras, room, 0);
        const bytes = forecasts.map(({ days }, index) => Math.min(days, 3650) * (cameras[index]?.bytesPerDay ?? 0));
        if (forecasts.every(({ days }) => Number.isFinite(days))) {
          assert.ok(bytes.reduce((sum, each) => sum + each, 0) <= room * 1.001);
        }
        for (const [index, { days }] of forecasts.entries()) {
          const { maxDays, maxBytes } = cameras[index]?.limits ?? { maxDays: null, maxBytes: null };
          assert.ok(days <= (maxDays ?? days));
          assert.ok((bytes[index] ?? 0) <= (maxBytes ?? Number.POSITIVE_INFINITY) * 1.001);
        }
      },
    ),
  );
});
