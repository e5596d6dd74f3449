import assert from "node:assert/strict";
import { test } from "node:test";
import { RetainedState } from "../src/retained-state.ts";

const message = (topic: string, payload: string) => ({ topic, payload, retain: true, qos: 1 as const });
const topicsOf = (state: RetainedState) => state.next(100).map(({ topic }) => topic);

test("only the newest message of a topic is sent, in the order of the changes", () => {
  const state = new RetainedState();
  state.set(message("a", "1"));
  state.set(message("b", "1"));
  state.set(message("a", "2"));
  assert.deepEqual(
    state.next(100).map(({ topic, payload }) => `${topic}${payload}`),
    ["a2", "b1"],
  );
  assert.equal(state.next(1).length, 1);
});

test("the same message again is nothing to send", () => {
  const state = new RetainedState();
  const first = message("a", "1");
  state.set(first);
  state.sent(first);
  assert.equal(state.set(message("a", "1")), false);
  assert.deepEqual(state.next(100), []);
  const picture = { ...message("p", ""), payload: Buffer.from([1, 2]) };
  state.set(picture);
  assert.equal(state.set({ ...picture, payload: Buffer.from([1, 2]) }), false);
  assert.equal(state.set({ ...picture, payload: Buffer.from([1, 3]) }), true);
});

test("a message that changed while it was under way is sent again", () => {
  const state = new RetainedState();
  const first = message("a", "1");
  state.set(first);
  state.set(message("a", "2"));
  state.sent(first);
  assert.deepEqual(topicsOf(state), ["a"]);
});

test("a cleared topic is sent empty once, then forgotten", () => {
  const state = new RetainedState();
  state.set(message("a", "1"));
  state.clear("a");
  const [empty] = state.next(100);
  assert.equal(empty?.payload, "");
  assert.ok(empty !== undefined && state.sent(empty));
  state.markDirty();
  assert.deepEqual(topicsOf(state), []);
  assert.deepEqual(state.size, { topics: 0, dirty: 0 });
});

test("a topic that is wanted again before its clearing was sent is not forgotten", () => {
  const state = new RetainedState();
  state.clear("a");
  const [empty] = state.next(100);
  state.set(message("a", "1"));
  assert.ok(empty !== undefined && !state.sent(empty));
  assert.deepEqual(topicsOf(state), ["a"]);
});

test("a topic that somebody cleared stays silent through changes and republishing, until asked", () => {
  const state = new RetainedState();
  state.set(message("a", "1"));
  assert.equal(state.silence("a"), true);
  state.set(message("a", "2"));
  state.markDirty();
  assert.deepEqual(topicsOf(state), []);
  state.unsilence();
  assert.deepEqual(
    state.next(100).map(({ payload }) => payload),
    ["2"],
  );
  assert.equal(state.silence("never-ours"), false);
});
