import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EFFECTIVE_MODES,
  effectiveMode,
  minuteOf,
  RECORDING_MODES,
  RecordingSettings,
  WEEKDAYS,
} from "@lanthorn/contract";
import fc from "fast-check";

/** Zones with changes at other hours, at midnight, of half an hour, southern, and without any. */
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
];

function settings(input: object): RecordingSettings {
  return RecordingSettings.parse(input);
}

function at(iso: string): number {
  return Date.parse(iso) * 1000;
}

/** How far a zone is ahead of UTC, read from another form than the one under test uses. */
function offsetUs(wallUs: number, timeZone: string): number {
  const text = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).format(wallUs / 1000);
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text);
  const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
  return (match?.[1] === "-" ? -1 : 1) * minutes * 60e6;
}

const anyTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`);
const anyWindow = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  from: anyTime,
  to: anyTime,
  mode: fc.constantFrom(...EFFECTIVE_MODES),
});
const anySettings = fc
  .record({ mode: fc.constantFrom(...RECORDING_MODES), schedule: fc.array(anyWindow, { maxLength: 5 }) })
  .map(settings);
/** From 2024 to 2030: every change of every zone occurs. */
const anyInstant = fc.integer({ min: 1704067200, max: 1893456000 }).map((seconds) => seconds * 1e6);

test("without a schedule the mode holds, and privacy holds over everything", () => {
  fc.assert(
    fc.property(anySettings, anyInstant, fc.constantFrom(...ZONES), (any, instant, zone) => {
      assert.equal(effectiveMode({ ...any, schedule: [] }, instant, zone), any.mode);
      assert.equal(effectiveMode({ ...any, privacy: true }, instant, zone), "privacy");
    }),
  );
});

test("a zone's clock decides: the mode is that of UTC when UTC's clock shows the same", () => {
  fc.assert(
    fc.property(anySettings, anyInstant, fc.constantFrom(...ZONES), (any, instant, zone) => {
      assert.equal(effectiveMode(any, instant, zone), effectiveMode(any, instant + offsetUs(instant, zone), "UTC"));
    }),
    { numRuns: 500 },
  );
});

test("within a minute nothing changes", () => {
  fc.assert(
    fc.property(anySettings, anyInstant, fc.nat(59_999_999), fc.constantFrom(...ZONES), (any, instant, later, zone) => {
      const startUs = minuteOf(instant) * 60e6;
      assert.equal(effectiveMode(any, startUs + later, zone), effectiveMode(any, startUs, zone));
    }),
  );
});

test("in a zone without changes a window holds for exactly its length on each of its days, over midnight too", () => {
  const mondayUs = at("2026-11-23T00:00:00Z");
  fc.assert(
    fc.property(anyWindow, (window) => {
      const one = settings({ mode: "continuous", schedule: [{ ...window, mode: "off" }] });
      let minutes = 0;
      for (let minute = 0; minute < 7 * 1440; minute++) {
        minutes += effectiveMode(one, mondayUs + minute * 60e6, "UTC") === "off" ? 1 : 0;
      }
      const [from, to] = [window.from, window.to].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
      const length = (((to ?? 0) - (from ?? 0) + 1440 - 1) % 1440) + 1; // the same twice: a whole day
      // Windows of a day that run over midnight meet the next day's: what both cover counts once, and none covers more than a day.
      assert.equal(minutes, window.days.length * length);
    }),
    { numRuns: 20 },
  );
});

test("the first window that holds wins", () => {
  const both = settings({
    mode: "continuous",
    schedule: [
      { days: ["sat"], from: "10:00", to: "11:00", mode: "events" },
      { days: ["sat"], from: "09:00", to: "12:00", mode: "off" },
    ],
  });
  const modes = ["08:59", "09:59", "10:00", "10:59", "11:00", "12:00"].map((time) =>
    effectiveMode(both, at(`2026-11-21T${time}:00Z`), "UTC"),
  );
  assert.deepEqual(modes, ["continuous", "off", "events", "events", "off", "continuous"]);
});

test("a window over midnight belongs to the day on which it begins", () => {
  const night = settings({ schedule: [{ days: ["fri"], from: "22:00", to: "06:00", mode: "off" }] });
  const modes = [
    "2026-11-20T21:59Z",
    "2026-11-20T22:00Z",
    "2026-11-21T05:59Z",
    "2026-11-21T06:00Z",
    "2026-11-21T22:00Z",
  ];
  assert.deepEqual(
    modes.map((iso) => effectiveMode(night, at(iso), "UTC")),
    ["continuous", "off", "off", "continuous", "continuous"],
  );
});

test("when clocks go forward a window in the missing hour does not occur, and one that begins there begins after it", () => {
  const missing = settings({ schedule: [{ days: ["sun"], from: "02:00", to: "03:00", mode: "off" }] });
  const begins = settings({ schedule: [{ days: ["sun"], from: "02:30", to: "04:00", mode: "off" }] });
  // Berlin, 29 March 2026: 01:59 CET is followed by 03:00 CEST, at 01:00 UTC.
  for (let minute = 0; minute < 180; minute++) {
    const instant = at("2026-03-29T00:00Z") + minute * 60e6;
    assert.equal(effectiveMode(missing, instant, "Europe/Berlin"), "continuous");
    const isIn = minute >= 60 && minute < 120;
    assert.equal(effectiveMode(begins, instant, "Europe/Berlin"), isIn ? "off" : "continuous", `minute ${minute}`);
  }
});

test("when clocks go back the hour that comes twice counts twice", () => {
  const twice = settings({ schedule: [{ days: ["sun"], from: "02:00", to: "03:00", mode: "off" }] });
  // Berlin, 25 October 2026: 02:59 CEST is followed by 02:00 CET, at 01:00 UTC.
  const minutes = Array.from({ length: 240 }, (_, minute) =>
    effectiveMode(twice, at("2026-10-24T23:00Z") + minute * 60e6, "Europe/Berlin"),
  );
  assert.equal(minutes.filter((mode) => mode === "off").length, 120);
  assert.equal(minutes.indexOf("off"), 60);
  assert.equal(minutes.lastIndexOf("off"), 179);
});
