import assert from "node:assert/strict";
import { test } from "node:test";
import type { GapCause } from "@lanthorn/contract";
import { strings } from "../src/strings.ts";
import {
  centred,
  marksOf,
  panned,
  SPAN_LIMITS_US,
  steppedSpan,
  timeAt,
  xOf,
  zoomed,
} from "../src/timeline/time-scale.ts";
import { isMissing, joinStretches, stretchAt, whyNothing } from "../src/timeline/timeline-data.ts";

const HOUR_US = 3_600_000_000;
const scale = { startUs: 0, spanUs: HOUR_US, widthPx: 1000 };
const FAR = Number.MAX_SAFE_INTEGER / 2;

test("places and instants belong together", () => {
  for (const x of [0, 1, 333, 1000]) {
    assert.ok(Math.abs(xOf(scale, timeAt(scale, x)) - x) < 1e-9);
  }
});

test("zooming keeps the instant under the pointer, within one minute and one day", () => {
  const closer = zoomed(scale, 0.5, 250, FAR);
  assert.equal(closer.spanUs, HOUR_US / 2);
  assert.ok(Math.abs(timeAt(closer, 250) - timeAt(scale, 250)) < 1);
  assert.equal(zoomed(scale, 1e-9, 0, FAR).spanUs, SPAN_LIMITS_US.least);
  assert.equal(zoomed(scale, 1e9, 0, FAR).spanUs, SPAN_LIMITS_US.most);
});

test("dragging to the right shows earlier times, and the future ends soon after now", () => {
  assert.equal(panned(scale, 100, FAR).startUs, -HOUR_US / 10);
  const nowUs = HOUR_US;
  const end = panned(scale, -1e6, nowUs);
  assert.ok(xOf(end, nowUs) > 900 && xOf(end, nowUs) < 1000);
  assert.ok(Math.abs(xOf(centred(scale, HOUR_US / 4, FAR), HOUR_US / 4) - 500) < 1e-9);
});

test("marks are round in local time, labels far enough apart, for every span", () => {
  for (let spanUs = SPAN_LIMITS_US.least; spanUs <= SPAN_LIMITS_US.most; spanUs *= 1.7) {
    for (const offsetS of [0, 3600, 19_800]) {
      const view = { startUs: 1_795_233_929_435_225, spanUs, widthPx: 900 };
      const labels = marksOf(view, 84, offsetS).filter(({ labelled }) => labelled);
      assert.ok(labels.length >= 1, `no label at ${spanUs}`);
      const places = labels.map(({ wallUs }) => xOf(view, wallUs));
      assert.ok(
        places.every((x, index) => index === 0 || x - (places[index - 1] ?? 0) >= 83.9),
        `labels overlap at ${spanUs}`,
      );
      assert.ok(marksOf(view, 84, offsetS).length < 150);
    }
  }
});

test("recordings that follow each other are one stretch; a gap parts them", () => {
  const stretch = (start: number, end: number) => ({ startWallUs: start * 1e6, endWallUs: end * 1e6 });
  assert.deepEqual(joinStretches([stretch(60, 120), stretch(0, 60), stretch(121, 180)]), [
    stretch(0, 120),
    stretch(121, 180),
  ]);
  assert.deepEqual(joinStretches([]), []);
});

test("an instant lies in a stretch or before the next one", () => {
  const stretches = [
    { startWallUs: 10, endWallUs: 20 },
    { startWallUs: 30, endWallUs: 40 },
  ];
  assert.deepEqual(stretchAt(stretches, 10).holds, stretches[0]);
  assert.equal(stretchAt(stretches, 20).holds, undefined);
  assert.deepEqual(stretchAt(stretches, 20).next, stretches[1]);
  assert.deepEqual(stretchAt(stretches, 45), {});
});

test("the zoom buttons step through spans that people name, and stop at the ends", () => {
  assert.equal(steppedSpan(1_800_000_000, -1), 600_000_000);
  assert.equal(steppedSpan(1_800_000_000, 1), 3_600_000_000);
  assert.equal(steppedSpan(225_000_000, 1), 300_000_000);
  assert.equal(steppedSpan(60_000_000, -1), 60_000_000);
  assert.equal(steppedSpan(86_400_000_000, 1), 86_400_000_000);
});

test("a hole says why it is one, and only what should be there counts as missing", () => {
  const gap = (startWallUs: number, endWallUs: number, cause: GapCause) => ({ startWallUs, endWallUs, cause });
  const data = {
    segments: [{ startWallUs: 0, endWallUs: 10 }],
    gaps: [gap(10, 20, "no-event"), gap(20, 30, "disk-full")],
    unavailable: [{ startWallUs: 30, endWallUs: 40 }],
    events: [],
  };
  assert.deepEqual(
    [10, 20, 30, 40].map((wallUs) => whyNothing(data, wallUs)),
    ["no-event", "disk-full", "unavailable", undefined],
  );
  assert.deepEqual(data.gaps.map(isMissing), [false, true]);
  for (const { cause } of data.gaps) {
    assert.ok(strings.recordings.gaps[cause], cause);
  }
});
