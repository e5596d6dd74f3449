/** The demand policy, value by value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { demandFor } from "../src/demand.ts";

const at = (ms: number) => BigInt(ms) * 1_000_000n;

test("everything is decoded while somebody reads", () => {
  assert.equal(demandFor({ readers: 1, lastReaderMonoNs: undefined, nowMonoNs: at(5) }, 0), "all");
  assert.equal(demandFor({ readers: 10, lastReaderMonoNs: at(1), nowMonoNs: at(99_999) }, 5000), "all");
});

test("key frames only are decoded while nobody has read yet, so that a picture is there", () => {
  assert.equal(demandFor({ readers: 0, lastReaderMonoNs: undefined, nowMonoNs: at(5) }, 5000), "key");
});

test("full decoding lingers after the last reader, and no longer than it should", () => {
  const left = { readers: 0, lastReaderMonoNs: at(1000) };
  assert.equal(demandFor({ ...left, nowMonoNs: at(5999) }, 5000), "all");
  assert.equal(demandFor({ ...left, nowMonoNs: at(6000) }, 5000), "key");
  assert.equal(demandFor({ ...left, nowMonoNs: at(1000) }, 0), "key");
});
