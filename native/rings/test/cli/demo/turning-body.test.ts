import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EARTH_FIELD_UT, feelAt, GRAVITY_M_S2, type Vector } from "../../../cli/demo/imu/turning-body.ts";

const norm = (vector: Vector) => Math.hypot(...vector);
const cross = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [b * z - c * y, c * x - a * z, a * y - b * x];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const anyTimeS = fc.double({ min: 0, max: 10_000, noNaN: true });

test("however the body turns, gravity is 9.81 and the field is as strong as before", () => {
  fc.assert(
    fc.property(anyTimeS, (elapsedS) => {
      const { accelerometer, magnetometer } = feelAt(elapsedS);
      assert.ok(Math.abs(norm(accelerometer) - GRAVITY_M_S2) < 1e-9);
      assert.ok(Math.abs(norm(magnetometer) - norm(EARTH_FIELD_UT)) < 1e-9);
    }),
  );
});

test("the gyroscope tells how gravity and the field turn in the body's axes: v' = v × ω", () => {
  const stepS = 1e-4;
  fc.assert(
    fc.property(anyTimeS, (elapsedS) => {
      const [before, now, after] = [feelAt(elapsedS - stepS), feelAt(elapsedS), feelAt(elapsedS + stepS)];
      for (const sensor of ["accelerometer", "magnetometer"] as const) {
        const change = minus(after[sensor], before[sensor]).map((part) => part / (2 * stepS)) as unknown as Vector;
        assert.ok(norm(minus(change, cross(now[sensor], now.gyroscope))) < 1e-4 * norm(now[sensor]));
      }
    }),
  );
});
