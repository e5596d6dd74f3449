import assert from "node:assert/strict";
import { test } from "node:test";
import { EXPORT_MAX_SPAN_US } from "@lanthorn/contract";
import {
  around,
  EXPORT_MOST_US,
  firstSelection,
  fromField,
  marked,
  selectionFault,
  toField,
  withEdge,
} from "../src/saving/selection.ts";

const S = 1_000_000;
const MIN = 60 * S;
const NOW = 1_795_000_000 * S + 400_000;
const whole = (us: number) => us % S === 0;

test("a first selection lies around the playhead, in whole seconds, and ends now at the latest", () => {
  const middle = firstSelection(NOW - 30 * MIN, 12 * MIN, NOW);
  assert.equal(middle.toUs - middle.fromUs, 2 * MIN, "a sixth of what is in view");
  assert.ok(Math.abs((middle.fromUs + middle.toUs) / 2 - (NOW - 30 * MIN)) <= S);
  const live = firstSelection(NOW, 30 * MIN, NOW);
  assert.ok(live.toUs <= NOW && live.toUs > NOW - S);
  assert.ok([middle.fromUs, middle.toUs, live.fromUs, live.toUs].every(whole));
  assert.equal(widthS(firstSelection(NOW - MIN, 30 * S, NOW)), 10);
  assert.equal(widthS(firstSelection(NOW, 86_400 * S, NOW)), 3600);
});

const widthS = ({ fromUs, toUs }: { fromUs: number; toUs: number }) => (toUs - fromUs) / S;

test("an end moves by whole seconds, neither over the other end nor into the future", () => {
  const selection = { fromUs: 100 * S, toUs: 200 * S };
  assert.deepEqual(withEdge(selection, "from", 150.6 * S, NOW), { fromUs: 151 * S, toUs: 200 * S });
  assert.deepEqual(withEdge(selection, "from", 500 * S, NOW), { fromUs: 199 * S, toUs: 200 * S });
  assert.deepEqual(withEdge(selection, "to", 3 * S, NOW), { fromUs: 100 * S, toUs: 101 * S });
  const atNow = withEdge(selection, "to", NOW + MIN, NOW);
  assert.ok(atNow.toUs <= NOW + S / 2);
});

test("marking a moment on the wrong side of the other end moves the selection there", () => {
  const selection = { fromUs: 100 * S, toUs: 200 * S };
  assert.deepEqual(marked(selection, "from", 300 * S, NOW), { fromUs: 300 * S, toUs: 400 * S });
  assert.deepEqual(marked(selection, "to", 50 * S, NOW), { fromUs: -50 * S, toUs: 50 * S });
  assert.deepEqual(marked(selection, "to", 150 * S, NOW), { fromUs: 100 * S, toUs: 150 * S });
  const nearNow = marked(selection, "from", NOW, NOW);
  assert.ok(nearNow.toUs <= NOW && nearNow.fromUs < nearNow.toUs);
});

test("what was typed wrongly is named; a day is the most of an export, as the box has it", () => {
  assert.equal(selectionFault({ fromUs: 5, toUs: 5 }, NOW, "keep"), "order");
  assert.equal(selectionFault({ fromUs: NOW, toUs: NOW + S }, NOW, "keep"), "future");
  const day = { fromUs: NOW - EXPORT_MOST_US, toUs: NOW };
  assert.equal(selectionFault(day, NOW, "export"), undefined);
  assert.equal(selectionFault({ ...day, fromUs: day.fromUs - 1 }, NOW, "export"), "long");
  assert.equal(selectionFault({ ...day, fromUs: day.fromUs - 1 }, NOW, "keep"), undefined);
  assert.equal(EXPORT_MOST_US, EXPORT_MAX_SPAN_US);
});

test("fields hold local time; what is not filled in yet is no time", () => {
  const wallUs = new Date(2026, 0, 5, 7, 8, 9).getTime() * 1000;
  assert.equal(toField(wallUs + 999_999), "2026-01-05T07:08:09");
  assert.equal(fromField("2026-01-05T07:08:09"), wallUs);
  assert.equal(fromField("2026-01-05T07:08"), wallUs - 9 * S);
  for (const text of ["", "2026-01-05", "yesterday", "2026-13-45T99:99", "-2026-01-05T07:08"]) {
    assert.equal(fromField(text), undefined, text);
  }
});

test("whole seconds around an event hold all of it", () => {
  assert.deepEqual(around(1.2 * S, 3.1 * S), { fromUs: S, toUs: 4 * S });
});
