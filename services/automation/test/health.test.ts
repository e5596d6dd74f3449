import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { healthPayload, MachineReader } from "../src/health.ts";
import { PicturePace } from "../src/picture-pace.ts";

test("what the machine says of itself is a number in its range, or null where it cannot know", () => {
  const reading = new MachineReader(tmpdir()).read();
  for (const key of ["cpu_pct", "mem_used_pct", "disk_used_pct"] as const) {
    const value = reading[key];
    assert.ok(value === null || (value >= 0 && value <= 100), `${key}: ${value}`);
  }
  assert.ok(reading.mem_used_pct !== null && reading.disk_used_pct !== null);
  assert.equal(new MachineReader("/nonexistent").read().disk_used_pct, null);
});

test("a service that does not answer leaves null, never a zero", () => {
  const machine = { cpu_pct: 5, mem_used_pct: 50, temp_c: null, disk_used_pct: 20 };
  const nobody = { decode: undefined, inference: undefined, archive: undefined };
  const health = healthPayload(machine, nobody, { all: 3, online: 2 });
  assert.deepEqual(
    [health.decode_fps, health.infer_p95_ms, health.recorded_s, health.event_p95_ms],
    [null, null, null, null],
  );
  assert.deepEqual([health.cameras, health.cameras_online], [3, 2]);
});

test("pictures come at the slow pace while nothing happens, and at the fast one at once when something does", () => {
  const pace = new PicturePace({ idleMs: 60_000, activeMs: 2000 });
  assert.equal(pace.take(0, false), true);
  assert.equal(pace.take(59_999, false), false);
  assert.equal(pace.take(59_999, true), true);
  assert.equal(pace.take(61_998, true), false);
  assert.equal(pace.take(61_999, true), true);
  assert.equal(pace.take(63_000, false), false);
});
