import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EFFECTIVE_MODES,
  effectiveMode,
  RECORDING_MODES,
  RecordingSettings,
  type ScheduleWindow,
} from "@lanthorn/contract";
import { nowOf } from "../src/settings/now.ts";
import { changedWindow, raisedWindow, toggledDay, withoutWindow, withWindow } from "../src/settings/schedule-edit.ts";
import {
  coveredWindows,
  DAY_MINUTES,
  holdsAt,
  minutesOf,
  momentAt,
  timeOfDay,
  usesEvents,
  WEEK,
  weekOf,
} from "../src/settings/week.ts";

const MONDAY_US = Date.UTC(2026, 10, 16) * 1000;
const MINUTE_US = 60_000_000;
const NIGHT: ScheduleWindow = { days: ["sun"], from: "22:00", to: "06:00", mode: "events" };

/** Numbers that look random and are the same every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

function madeUp(seed: number): RecordingSettings {
  const random = numbers(seed);
  const upTo = (count: number) => Math.floor(random.next().value * count);
  const window = (): ScheduleWindow => ({
    days: WEEK.filter((_, index) => upTo(2) === 0 || index === 3),
    from: timeOfDay(upTo(DAY_MINUTES)),
    to: timeOfDay(upTo(DAY_MINUTES)),
    mode: EFFECTIVE_MODES[upTo(5)] ?? "off",
  });
  const schedule = Array.from({ length: upTo(6) }, window);
  return RecordingSettings.parse({ mode: RECORDING_MODES[upTo(4)], schedule });
}

test("the week shows in every nineteenth minute what the box's own rule says, for schedules of all kinds", () => {
  let compared = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const settings = madeUp(seed);
    const week = weekOf(settings);
    for (let minute = seed; minute < 7 * DAY_MINUTES; minute += 19) {
      const at = momentAt(MONDAY_US + minute * MINUTE_US, "UTC");
      const shown = week[at.day]?.find(({ toMinute }) => at.minute < toMinute);
      const rule = effectiveMode(settings, MONDAY_US + minute * MINUTE_US, "UTC");
      assert.equal(shown?.mode, rule, `seed ${seed}, minute ${minute}: ${JSON.stringify(settings.schedule)}`);
      compared++;
    }
  }
  assert.ok(compared > 7000);
});

test("each day is shown from midnight to midnight without holes", () => {
  for (const spans of weekOf(madeUp(7))) {
    assert.equal(spans[0]?.fromMinute, 0);
    assert.equal(spans.at(-1)?.toMinute, DAY_MINUTES);
    assert.ok(spans.every((span, index) => index === 0 || span.fromMinute === spans[index - 1]?.toMinute));
  }
});

test("a window over midnight of Sunday goes on on Monday", () => {
  const week = weekOf({ mode: "continuous", schedule: [NIGHT] });
  assert.deepEqual(
    week[0]?.map(({ fromMinute, toMinute, mode }) => [fromMinute, toMinute, mode]),
    [
      [0, 360, "events"],
      [360, 1440, "continuous"],
    ],
  );
  assert.equal(week[1]?.length, 1);
});

test("a window that is being typed is not shown yet, and not called useless", () => {
  const half = [
    { ...NIGHT, to: "" },
    { ...NIGHT, days: [] },
  ];
  assert.ok(weekOf({ mode: "off", schedule: half }).every((spans) => spans.length === 1));
  assert.deepEqual(coveredWindows(half), []);
});

test("a window that never holds is found, and one that holds for a minute is not", () => {
  const all: ScheduleWindow = { days: [...WEEK], from: "00:00", to: "00:00", mode: "both" };
  assert.deepEqual(coveredWindows([all, NIGHT]), [1]);
  assert.deepEqual(coveredWindows([{ ...all, to: "23:59" }, NIGHT]), []);
});

test("what holds now is told with its end, over the end of the week too", () => {
  const plan = { mode: "off", schedule: [NIGHT] } as const;
  assert.deepEqual(holdsAt(plan, { day: 6, minute: 1380 }), { mode: "events", until: { day: 0, minute: 360 } });
  assert.deepEqual(holdsAt(plan, { day: 0, minute: 360 }), { mode: "off", until: { day: 6, minute: 1320 } });
  assert.deepEqual(holdsAt({ mode: "both", schedule: [] }, { day: 2, minute: 5 }), { mode: "both", until: undefined });
  const recording = RecordingSettings.parse(plan);
  const camera = { enabled: true, recording };
  assert.equal(nowOf(camera, { day: 6, minute: 1380 }).until, "Mon 06:00");
  assert.equal(nowOf(camera, { day: 0, minute: 10 }).until, "06:00");
  const hidden = nowOf({ enabled: true, recording: { ...recording, privacy: true } }, { day: 0, minute: 10 });
  assert.deepEqual([hidden.mode, hidden.until], ["privacy", undefined]);
});

test("a window that begins as late as it is now is a week away", () => {
  const plan = { mode: "off", schedule: [{ ...NIGHT, from: "05:00", to: "04:00" }] } as const;
  const camera = { enabled: true, recording: RecordingSettings.parse(plan) };
  assert.equal(nowOf(camera, { day: 0, minute: 300 }).until, "Sun 05:00");
});

test("the box's clock is read in the box's time zone", () => {
  assert.deepEqual(momentAt(MONDAY_US, "UTC"), { day: 0, minute: 0 });
  assert.deepEqual(momentAt(MONDAY_US, "America/New_York"), { day: 6, minute: 19 * 60 });
  assert.deepEqual(momentAt(MONDAY_US, "Asia/Kathmandu"), { day: 0, minute: 5 * 60 + 45 });
});

test("schedules are edited by hand", () => {
  const plan = { mode: "events", schedule: [] as ScheduleWindow[] } as const;
  const one = withWindow(plan);
  assert.equal(one[0]?.mode, "continuous"); // something else than what holds anyway
  const three = withWindow({ mode: "events", schedule: withWindow({ mode: "events", schedule: one }) });
  assert.deepEqual([three.length, coveredWindows(three)], [3, []]);
  assert.deepEqual(raisedWindow(three, 2), [three[0], three[2], three[1]]);
  assert.deepEqual(raisedWindow(three, 0), three);
  assert.deepEqual(withoutWindow(three, 1), [three[0], three[2]]);
  assert.equal(changedWindow(three, 1, { from: "09:30" })[1]?.from, "09:30");
  assert.deepEqual(toggledDay(["sat", "mon"], "wed"), ["mon", "wed", "sat"]);
  assert.deepEqual(toggledDay(["mon", "wed"], "mon"), ["wed"]);
});

test("times and modes are read as they are written", () => {
  assert.deepEqual([minutesOf("00:00"), minutesOf("23:59"), timeOfDay(1440)], [0, 1439, "24:00"]);
  assert.ok(Number.isNaN(minutesOf("")) && Number.isNaN(minutesOf("7:00")));
  assert.equal(usesEvents({ mode: "continuous", schedule: [] }), false);
  assert.equal(usesEvents({ mode: "continuous", schedule: [NIGHT] }), true);
});
