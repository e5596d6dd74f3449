/** A body that turns slowly about all three axes, and what its sensors feel. x forward, y left, z up; world: x east, y north, z up. */

/** Standard gravity, m/s². */
export const GRAVITY_M_S2 = 9.80665;

/** The earth's field in the middle of Europe, µT: to the north, and steeply down. */
export const EARTH_FIELD_UT: Vector = [0, 20, -44];

/** x, y, z. */
export type Vector = readonly [x: number, y: number, z: number];

const YAW_RAD_S = 0.3;
const PITCH = { rad: 0.35, radS: 0.5 };
const ROLL = { rad: 0.5, radS: 0.31 };

/** What the sensors feel, without noise: m/s², rad/s, µT in the body's axes. */
export function feelAt(elapsedS: number): { accelerometer: Vector; gyroscope: Vector; magnetometer: Vector } {
  const yaw = YAW_RAD_S * elapsedS;
  const pitch = PITCH.rad * Math.sin(PITCH.radS * elapsedS);
  const roll = ROLL.rad * Math.sin(ROLL.radS * elapsedS);
  const pitchRate = PITCH.rad * PITCH.radS * Math.cos(PITCH.radS * elapsedS);
  const rollRate = ROLL.rad * ROLL.radS * Math.cos(ROLL.radS * elapsedS);
  const [sp, cp, sr, cr] = [Math.sin(pitch), Math.cos(pitch), Math.sin(roll), Math.cos(roll)];
  return {
    accelerometer: toBody([0, 0, GRAVITY_M_S2], yaw, pitch, roll), // at rest it feels the ground push upwards
    // Rates of yaw, pitch and roll (turned in this order) as rates about the body's axes.
    gyroscope: [rollRate - YAW_RAD_S * sp, pitchRate * cr + YAW_RAD_S * cp * sr, -pitchRate * sr + YAW_RAD_S * cp * cr],
    magnetometer: toBody(EARTH_FIELD_UT, yaw, pitch, roll),
  };
}

/** Turns a vector of the world into the body's axes: back by yaw about z, then by pitch about y, then by roll about x. */
function toBody([x, y, z]: Vector, yaw: number, pitch: number, roll: number): Vector {
  const x1 = x * Math.cos(yaw) + y * Math.sin(yaw);
  const y1 = -x * Math.sin(yaw) + y * Math.cos(yaw);
  const x2 = x1 * Math.cos(pitch) - z * Math.sin(pitch);
  const z2 = x1 * Math.sin(pitch) + z * Math.cos(pitch);
  return [x2, y1 * Math.cos(roll) + z2 * Math.sin(roll), -y1 * Math.sin(roll) + z2 * Math.cos(roll)];
}
