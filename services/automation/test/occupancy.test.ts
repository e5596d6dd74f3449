import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Occupancy } from "../src/occupancy.ts";
import { detectionEvent } from "./small-house.ts";

const OPTIONS = { holdOffMs: 5000, staleMs: 60_000 };
const motion = detectionEvent("a", "porch");
const person = detectionEvent("b", "porch", { label: "person" });

test("motion is on from the first event on, and off only after the hold-off behind the last one's end", () => {
  const occupancy = new Occupancy(OPTIONS);
  assert.equal(occupancy.state(0).motion, false);
  occupancy.take("new", motion, 1000);
  occupancy.take("new", person, 2000);
  assert.equal(occupancy.state(2000).motion, true);
  occupancy.take("end", motion, 3000);
  occupancy.take("end", person, 4000);
  assert.equal(occupancy.isActive, false);
  assert.equal(occupancy.state(8999).motion, true);
  assert.equal(occupancy.state(9000).motion, false);
});

test("a new event within the hold-off keeps the state on without a gap", () => {
  const occupancy = new Occupancy(OPTIONS);
  occupancy.take("new", motion, 0);
  occupancy.take("end", motion, 1000);
  occupancy.take("new", detectionEvent("c", "porch"), 5999);
  assert.equal(occupancy.state(20_000).motion, true);
});

test("each label counts for itself: the count falls at once, the state after the hold-off", () => {
  const occupancy = new Occupancy(OPTIONS);
  occupancy.take("new", person, 0);
  occupancy.take("new", detectionEvent("c", "porch", { label: "person" }), 0);
  assert.deepEqual(occupancy.state(0).labels.get("person"), { on: true, count: 2 });
  assert.equal(occupancy.state(0).labels.get("motion"), undefined);
  occupancy.take("end", person, 1000);
  assert.deepEqual(occupancy.state(1000).labels.get("person"), { on: true, count: 1 });
  occupancy.take("end", detectionEvent("c", "porch", { label: "person" }), 2000);
  assert.deepEqual(occupancy.state(2000).labels.get("person"), { on: true, count: 0 });
  assert.deepEqual(occupancy.state(7000).labels.get("person"), { on: false, count: 0 });
});

test("an event that is never ended is let go when nothing is heard of it, but not while its track is seen", () => {
  const occupancy = new Occupancy(OPTIONS);
  occupancy.take("new", motion, 0);
  occupancy.seen(new Set([motion.trackId]), 50_000);
  assert.equal(occupancy.state(110_000).motion, true);
  assert.equal(occupancy.isActive, true);
  assert.equal(occupancy.state(110_001).motion, true, "held off");
  assert.equal(occupancy.isActive, false);
  assert.equal(occupancy.state(115_001).motion, false);
});

test("an update of an event whose beginning was missed opens it", () => {
  const occupancy = new Occupancy(OPTIONS);
  occupancy.take("update", motion, 0);
  assert.equal(occupancy.state(0).motion, true);
});

test("whatever happens in whatever order, all is off once everything has ended or gone silent", () => {
  const step = fc.record({
    phase: fc.constantFrom("new" as const, "update" as const, "end" as const),
    id: fc.constantFrom("a", "b", "c"),
    label: fc.constantFrom("motion", "person"),
    afterMs: fc.integer({ min: 0, max: 10_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const occupancy = new Occupancy(OPTIONS);
      let nowMs = 0;
      for (const { phase, id, label, afterMs } of steps) {
        nowMs += afterMs;
        occupancy.take(phase, detectionEvent(id, "porch", { label }), nowMs);
        const { motion: isOn, labels } = occupancy.state(nowMs);
        assert.equal(
          isOn,
          [...labels.values()].some(({ on }) => on),
        );
        assert.ok([...labels.values()].every(({ on, count }) => on || count === 0));
      }
      occupancy.state(nowMs + OPTIONS.staleMs + 1);
      const later = occupancy.state(nowMs + OPTIONS.staleMs + 1 + OPTIONS.holdOffMs);
      assert.equal(later.motion, false);
      assert.equal(occupancy.isActive, false);
    }),
  );
});
