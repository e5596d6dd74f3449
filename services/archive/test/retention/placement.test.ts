import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePlace, type Place } from "../../src/retention/placement.ts";

const place = (id: number, changes: Partial<Place> = {}): Place => ({
  id,
  share01: 0.5,
  isFull: false,
  isSpare: false,
  isOwn: false,
  oldestUs: () => 0,
  ...changes,
});

test("the most room for its size wins", () => {
  assert.equal(choosePlace([place(1), place(2, { share01: 0.7 }), place(3, { share01: 0.1 })]), 2);
});

test("an assigned disk comes before more room, but not when it is full; a spare only when nothing else is left", () => {
  assert.equal(choosePlace([place(1), place(2, { share01: 0, isOwn: true })]), 2);
  assert.equal(choosePlace([place(1), place(2, { isFull: true, isOwn: true })]), 1);
  assert.equal(choosePlace([place(1, { isSpare: true, share01: 0.9 }), place(2, { share01: 0 })]), 2);
  assert.equal(choosePlace([place(1, { isSpare: true }), place(2, { isFull: true })]), 1);
});

test("of disks that must delete first, the one with the oldest recording is chosen, so that all reach back equally far", () => {
  const full = { share01: 0 };
  assert.equal(choosePlace([place(1, { ...full, oldestUs: () => 9 }), place(2, { ...full, oldestUs: () => 5 })]), 2);
});

test("without a disk there is no place", () => {
  assert.equal(choosePlace([]), undefined);
});
