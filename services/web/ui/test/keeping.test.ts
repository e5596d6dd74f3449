import assert from "node:assert/strict";
import { test } from "node:test";
import { ArchiveStorage, CameraId, RETENTION_LIMITS } from "@lanthorn/contract";
import type { CameraKeeping } from "../src/net/settings-api.ts";
import { daysWords, forecastWords, historyWords } from "../src/settings/keeping-words.ts";
import { partsOf, STORAGE_USES } from "../src/settings/storage.ts";
import { strings } from "../src/strings.ts";

const KEEPING: CameraKeeping = {
  camera: CameraId.parse("street"),
  bytes: 4e9,
  bytesPerDay: 2e9,
  daysKept: 2,
  forecastDays: 12.4,
  forecastEventDays: 12.4,
  limitedBy: "room",
  minDays: 0,
  guaranteeMet: true,
  historyHours: 48,
};
const NONE = { recordings: 0, exports: 0, previews: 0, thumbnails: 0, backups: 0, database: 0, wal: 0 };
const disk = (id: number, usedBytes: number, state: "present" | "missing" = "present") => ({
  id,
  uuid: `u${id}`,
  directory: `/d${id}`,
  state,
  inUse: true,
  ...(state === "missing"
    ? { totalBytes: 0, freeBytes: 0, usedBytes: 0, floorBytes: 0 }
    : { totalBytes: 1000, freeBytes: 400, usedBytes, floorBytes: 100 }),
});
const storage = (disks: object[], bytesByCategory: object = {}) =>
  ArchiveStorage.parse({
    disk: {
      totalBytes: 0,
      freeBytes: 0,
      usedBytes: 0,
      floorBytes: 0,
      bytesByCategory: { ...NONE, ...bytesByCategory },
    },
    disks,
  });

test("days are said as people say them", () => {
  assert.deepEqual([0.0003, 0.0007, 0.02, 1 / 24, 0.5, 0.999, 1, 2.54, 9.97, 12.4, 365].map(daysWords), [
    "less than a minute",
    "1 minute",
    "29 minutes",
    "1 hour",
    "12 hours",
    "23 hours",
    "1 day",
    "2.5 days",
    "10 days",
    "12 days",
    "365 days",
  ]);
});

test("a forecast says how long, at what rate, and what ends it", () => {
  assert.deepEqual(forecastWords(KEEPING), {
    value: "About 12 days",
    text: "at today's rate. Ends when the disks are full.",
    events: undefined,
  });
  assert.equal(forecastWords({ ...KEEPING, forecastEventDays: 30 }).events, "Events about 30 days");
  assert.equal(forecastWords({ ...KEEPING, forecastDays: null }).value, strings.settings.forecast.endless);
  for (const limitedBy of RETENTION_LIMITS) {
    assert.match(forecastWords({ ...KEEPING, limitedBy }).text, /[Ee]nds /);
  }
});

test("where nothing was recorded nothing is forecast, and a young forecast says so", () => {
  for (const keeping of [undefined, { ...KEEPING, bytesPerDay: 0, forecastDays: null }]) {
    assert.equal(forecastWords(keeping).value, strings.settings.forecast.unknown);
    assert.equal(historyWords(keeping), undefined);
  }
  assert.match(historyWords({ ...KEEPING, historyHours: 3 }) ?? "", /3 hours/);
  assert.equal(historyWords(KEEPING), undefined);
});

test("the parts of each disk add up to the disk", () => {
  const categories = { exports: 10, previews: 5, thumbnails: 5, backups: 20, database: 30, wal: 10 };
  const shown = partsOf(storage([disk(1, 300), disk(2, 200)], categories), 50);
  for (const { parts } of shown) {
    assert.deepEqual(
      parts.map(({ use }) => use),
      STORAGE_USES,
    );
    assert.equal(
      parts.reduce((sum, { bytes }) => sum + bytes, 0),
      1000,
    );
  }
  const of = (index: number) => Object.fromEntries(shown[index]?.parts.map(({ use, bytes }) => [use, bytes]) ?? []);
  assert.deepEqual(of(0), {
    recordings: 220,
    clips: 0, // on which of two disks they lie nobody tells
    exports: 10,
    previews: 10,
    database: 40,
    backups: 20,
    others: 300,
    free: 300,
    floor: 100,
  });
  assert.deepEqual([of(1).recordings, of(1).exports], [200, 0]);
});

test("clips are a part of the recordings where there is one disk, and a missing disk has no parts", () => {
  const [one] = partsOf(storage([disk(1, 300)]), 50);
  assert.deepEqual(one?.parts.slice(0, 2), [
    { use: "recordings", bytes: 250 },
    { use: "clips", bytes: 50 },
  ]);
  const [, gone] = partsOf(storage([disk(1, 300), disk(2, 0, "missing")]), 50);
  assert.ok(gone?.parts.every(({ bytes }) => bytes === 0));
});
