import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CutAction, type MediaPacket, SegmentCutter } from "../../src/recording/segment-cutter.ts";
import { STREAMS, video } from "../support/made-packets.ts";

function cut(packets: readonly MediaPacket[]): CutAction[] {
  const options = { streams: STREAMS, segmentMs: 20_000, previousEndWallUs: undefined, previousCause: undefined };
  const by = new SegmentCutter(options);
  return [...packets.flatMap((packet) => by.push(packet)), ...by.flush()];
}

const starts = (actions: readonly CutAction[]) =>
  actions.flatMap((action) => (action.type === "open" ? [action.start] : []));
const causes = (actions: readonly CutAction[]) =>
  actions.flatMap((action) => (action.type === "close" && action.cause !== null ? [action.cause] : []));

/** The same packet, come later than usual: both estimates of when it was taken are late. */
const late = (packet: MediaPacket, delayUs: number): MediaPacket => ({
  ...packet,
  captureWallUs: packet.captureWallUs + delayUs,
  captureMonoNs: packet.captureMonoNs + BigInt(delayUs) * 1000n,
});

const set = (packet: MediaPacket, byUs: number): MediaPacket => ({
  ...packet,
  captureWallUs: packet.captureWallUs + byUs,
});

/** How much later than usual packets come, in stretches of less than a minute, with one second on time after each. */
const anyDelays = fc.array(
  fc.record({
    lastsS: fc.integer({ min: 1, max: 58 }),
    delayUs: fc.integer({ min: 0, max: 30_000_000 }),
    jitterUs: fc.integer({ min: 0, max: 2_000_000 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test("whatever comes late, however late, is no clock that was set: nothing is missing, and segments adjoin", () => {
  fc.assert(
    fc.property(anyDelays, (delays) => {
      const lateness: { delayUs: number; jitterUs: number }[] = [{ delayUs: 0, jitterUs: 0 }];
      for (const { lastsS, ...each } of delays) {
        lateness.push(...Array.from({ length: lastsS }, () => each), { delayUs: 0, jitterUs: 0 });
      }
      const packets = video(0, lateness.length).map((packet, index) => {
        const { delayUs, jitterUs } = lateness[Math.floor(index / 25)] ?? { delayUs: 0, jitterUs: 0 };
        return late(packet, delayUs + ((index * 7919) % (jitterUs + 1)));
      });
      const actions = cut(packets);
      assert.deepEqual(causes(actions), []);
      assert.ok(starts(actions).every(({ gap, clockJumpUs }) => gap === undefined && clockJumpUs === 0));
    }),
    { numRuns: 100 },
  );
});

test("a clock that is set while packets come late is one that was set, in both directions", () => {
  for (const byUs of [5_000_000, -5_000_000]) {
    const packets = video(0, 60).map((packet, index) =>
      index < 750 ? late(packet, 200_000) : late(set(packet, byUs), 800_000),
    );
    const told = starts(cut(packets)).filter(({ gap, clockJumpUs }) => gap !== undefined || clockJumpUs < 0);
    assert.equal(told.length, 1, `set by ${byUs}`);
  }
});

test("a camera whose clock runs slower than it says is followed: its recording strays by little more than a second", () => {
  // 1 % slow: 36 s an hour.
  const packets = video(0, 3600).map((packet) => late(packet, Math.round(packet.dts90k / 9)));
  const actions = cut(packets);
  const told = starts(actions);
  assert.ok(told.length > 180);
  for (const { dts90k, wallUs } of told) {
    const taken = packets.find((packet) => packet.dts90k === dts90k);
    assert.ok(Math.abs(wallUs - (taken?.captureWallUs ?? 0)) <= 1_700_000, `off by ${wallUs} at ${dts90k}`);
  }
});

test("pictures that begin late and then come on time are set right at once", () => {
  const packets = video(0, 30).map((packet, index) => late(packet, index < 25 ? 3_000_000 : 0));
  const told = starts(cut(packets));
  assert.equal(told[1]?.clockJumpUs, -3_000_000);
  assert.equal(told[1]?.wallUs, packets[25]?.captureWallUs);
});
