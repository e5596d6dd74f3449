/** What the simulated sensors measure, over frames of any rate. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { IMU_RATE_HZ, SimulatedImu } from "../../src/sensors/simulated-imu.ts";

for (const fps of [7, 15, 30, 60]) {
  test(`at ${fps} frames a second each instant is measured once, in order, and gravity is felt`, () => {
    const imu = new SimulatedImu(3, fps);
    const timesNs: number[] = [];
    let magnetometer = 0;
    for (let frame = 0; frame < fps * 10; frame++) {
      for (const { sensor, offsetNs, x, y, z } of imu.until(frame)) {
        assert.ok(offsetNs <= 0 && offsetNs > -1e9 / fps - 1e9 / IMU_RATE_HZ);
        if (sensor === "accelerometer") {
          timesNs.push(Math.round((frame * 1e9) / fps) + offsetNs);
          assert.ok(Math.abs(Math.hypot(x, y, z) - 9.80665) < 0.06);
        }
        magnetometer += sensor === "magnetometer" ? 1 : 0;
      }
    }
    const last = Math.floor(((fps * 10 - 1) * IMU_RATE_HZ) / fps);
    const first = Math.round((timesNs[0] ?? 0) / 5e6);
    assert.equal(timesNs.length, last - first + 1);
    timesNs.forEach((timeNs, index) => {
      assert.ok(Math.abs(timeNs - (first + index) * 5e6) <= 2, `${timeNs}`);
    });
    assert.ok(Math.abs(magnetometer - timesNs.length / 4) <= 1);
  });
}

test("the same seed gives the same samples, another one does not", () => {
  const of = (seed: number) => new SimulatedImu(seed, 15).until(7);
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});
