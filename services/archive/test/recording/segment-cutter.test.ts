import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { usOf90k } from "../../src/recording/media-time.ts";
import { type CutAction, type MediaPacket, SegmentCutter } from "../../src/recording/segment-cutter.ts";
import { packet, START_US, STREAMS, video } from "../support/made-packets.ts";

function cutter(segmentMs = 10_000, streams = STREAMS): SegmentCutter {
  return new SegmentCutter({ streams, segmentMs, previousEndWallUs: undefined, previousCause: undefined });
}

function cut(packets: readonly MediaPacket[], by = cutter()): CutAction[] {
  return [...packets.flatMap((each) => by.push(each)), ...by.flush()];
}

const opens = (actions: readonly CutAction[]) =>
  actions.flatMap((action) => (action.type === "open" ? [action.start] : []));
const closes = (actions: readonly CutAction[]) => actions.filter((action) => action.type === "close");
const fragments = (actions: readonly CutAction[]) => actions.filter((action) => action.type === "fragment");
const written = (actions: readonly CutAction[], streamIndex = 0) =>
  fragments(actions).flatMap(({ packets }) => packets.filter((each) => each.streamIndex === streamIndex));

test("a segment begins with the first key frame and ends at the first key frame after its length", () => {
  const actions = cut(video(0.4, 25));
  assert.deepEqual(
    opens(actions).map(({ dts90k }) => dts90k / 90_000),
    [1, 11, 21],
  );
  assert.deepEqual(
    closes(actions).map(({ duration90k }) => duration90k / 90_000),
    [10, 10],
  );
});

test("segments of an uninterrupted recording adjoin to the microsecond", () => {
  const actions = cut(video(0, 31));
  const starts = opens(actions);
  for (const [index, close] of closes(actions).entries()) {
    assert.equal(close.endWallUs, starts[index + 1]?.wallUs);
    assert.equal(close.cause, null);
  }
  assert.ok(starts.every(({ gap, clockJumpUs }) => gap === undefined && clockJumpUs === 0));
});

test("no fragment lasts longer than a second, and every key frame begins one unless fragments would be shorter than half a second", () => {
  for (const gop of [1, 10, 25, 30, 60, 250]) {
    const actions = cut(video(0, 12, gop), cutter(60_000));
    for (const { packets } of fragments(actions)) {
      const durations = packets.map(({ duration90k }) => duration90k);
      assert.ok(durations.reduce((sum, each) => sum + each, 0) <= 90_000, `gop ${gop}`);
    }
    if (gop >= 13) {
      const inside = fragments(actions).flatMap(({ packets }) => packets.slice(1).filter(({ key }) => key));
      assert.equal(inside.length, 0, `gop ${gop}`);
    }
  }
});

test("sound that arrives late still goes into the segment it belongs to", () => {
  const packets = video(0, 12);
  for (let dts90k = 0; dts90k < 12 * 90_000; dts90k += 1920) {
    packets.push(packet(dts90k, { streamIndex: 1 }));
  }
  // Sound arrives 300 ms after the picture it belongs to.
  const lateness = (each: MediaPacket) => each.dts90k + (each.streamIndex === 1 ? 27_000 : 0);
  packets.sort((a, b) => lateness(a) - lateness(b));
  const actions = cut(packets);
  assert.equal(written(actions, 1).length, packets.filter(({ streamIndex }) => streamIndex === 1).length);
  const firstOfSecond = actions.findIndex((action) => action.type === "close");
  const late = fragments(actions.slice(firstOfSecond)).flatMap((each) => each.packets);
  assert.ok(late.every(({ dts90k }) => dts90k >= 0));
});

test("a hole of more than a second ends the segment, and the gap is told with the next", () => {
  const actions = cut([...video(0, 3.2), ...video(7, 9)]);
  assert.deepEqual(
    closes(actions).map(({ cause }) => cause),
    ["discontinuity"],
  );
  const gap = opens(actions)[1]?.gap;
  assert.deepEqual(gap, { startWallUs: START_US + 3_200_000, endWallUs: START_US + 7_000_000, cause: "discontinuity" });
});

test("timestamps that go back end the segment", () => {
  const back = video(1, 3).map((each) => ({ ...each, captureWallUs: each.captureWallUs + 3_000_000 }));
  const actions = cut([...video(0, 3), ...back]);
  assert.deepEqual(
    closes(actions).map(({ cause }) => cause),
    ["discontinuity"],
  );
  assert.equal(opens(actions).length, 2);
});

test("a camera with a frame every two seconds is recorded without gaps once its pace is known", () => {
  const packets = Array.from({ length: 60 }, (_, index) => packet(index * 180_000, { key: true }));
  const actions = cut(packets, cutter(20_000));
  const gaps = opens(actions).filter(({ gap }) => gap !== undefined);
  assert.ok(gaps.length <= 1, "only the first interval could not be known");
});

test("a wall clock set forward by an hour begins a new segment after a gap that nothing is missing from", () => {
  const later = video(5, 8).map((each) => ({ ...each, captureWallUs: each.captureWallUs + 3_600_000_000 }));
  const actions = cut([...video(0, 5), ...later]);
  assert.equal(written(actions).length, 200);
  assert.equal(opens(actions)[1]?.gap?.cause, "clock-jump");
});

test("a wall clock set back by an hour begins a new segment that says so", () => {
  const earlier = video(5, 8).map((each) => ({ ...each, captureWallUs: each.captureWallUs - 3_600_000_000 }));
  const actions = cut([...video(0, 5), ...earlier]);
  assert.equal(written(actions).length, 200);
  assert.equal(opens(actions)[1]?.gap, undefined);
  assert.equal(opens(actions)[1]?.clockJumpUs, -3_600_000_000);
});

test("a crystal that drifts by 100 ppm is followed without a cut, and 500 ppm of a minute are 30 ms", () => {
  assert.equal((60_000_000 * 500) / 1e6, 30_000);
  const drifting = video(0, 125).map((each) => ({
    ...each,
    captureWallUs: each.captureWallUs + Math.round((each.dts90k / 90_000) * 100),
  }));
  const starts = opens(cut(drifting, cutter(60_000)));
  assert.deepEqual(
    starts.map(({ wallUs }) => wallUs - START_US),
    [0, 60_006_000, 120_012_000],
  );
});

test("an interruption keeps its first cause, and everything held is given out before it", () => {
  const by = cutter();
  const actions = [
    ...video(0, 2.5).flatMap((each) => by.push(each)),
    ...by.interrupt("ring-overrun"),
    ...by.interrupt("disk-full"),
  ];
  actions.push(...video(4, 6).flatMap((each) => by.push(each)));
  assert.deepEqual(
    closes(actions).map(({ cause }) => cause),
    ["ring-overrun"],
  );
  assert.equal(opens(actions)[1]?.gap?.cause, "ring-overrun");
});

test("what the disk refused is given up, and recording goes on at the next key frame after a gap", () => {
  const by = cutter();
  for (const each of video(0, 2.5)) {
    by.push(each);
  }
  by.abandon(START_US + 1_000_000, "disk-full");
  assert.equal(by.holdsPackets, false);
  const start = opens(video(2.6, 5).flatMap((each) => by.push(each)))[0];
  assert.deepEqual(start?.gap, {
    startWallUs: START_US + 1_000_000,
    endWallUs: START_US + 3_000_000,
    cause: "disk-full",
  });
});

test("an unfinished segment goes on with the very next packet, whatever of it the ring still repeats", () => {
  const whole = video(0, 9, 50);
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 200 }), fc.integer({ min: 0, max: 29 }), (last, oldest) => {
      const by = cutter(60_000);
      by.resume({
        startDts90k: 0,
        startWallUs: START_US,
        startMonoNs: 1_000_000_000n,
        last90k: new Map([[0, last * 3600]]),
        lastDuration90k: 3600,
        end90k: (last + 1) * 3600,
      });
      const actions = cut(whole.slice(oldest), by);
      assert.equal(opens(actions).length, 0);
      assert.deepEqual(
        written(actions).map(({ dts90k }) => dts90k / 3600),
        whole.slice(last + 1).map(({ dts90k }) => dts90k / 3600),
      );
    }),
  );
});

test("an unfinished segment whose packets are gone from the ring, or of another timeline, is ended with the restart as cause", () => {
  const resumeAt = (firstDts90k: number, monoShiftNs: bigint) => {
    const by = cutter(60_000);
    by.resume({
      startDts90k: 0,
      startWallUs: START_US,
      startMonoNs: 1_000_000_000n,
      last90k: new Map([[0, 90_000]]),
      lastDuration90k: 3600,
      end90k: 93_600,
    });
    const later = video(0, 4).filter(({ dts90k }) => dts90k >= firstDts90k);
    return cut(
      later.map((each) => ({ ...each, captureMonoNs: each.captureMonoNs + monoShiftNs })),
      by,
    );
  };
  for (const actions of [resumeAt(270_000, 0n), resumeAt(0, 60_000_000_000n)]) {
    assert.deepEqual(
      closes(actions).map(({ cause }) => cause),
      ["service-restart"],
    );
    assert.equal(closes(actions)[0]?.duration90k, 93_600);
  }
});

test("what the ring holds from before the camera reconnected is not recorded again after a restart", () => {
  // The camera's clock began anew: the same decode times twice, half a minute apart.
  const before = video(0, 4);
  const shiftNs = 30_000_000_000n;
  const after = before.map((each) => ({
    ...each,
    captureMonoNs: each.captureMonoNs + shiftNs,
    captureWallUs: each.captureWallUs + 30_000_000,
  }));
  const startMonoNs = 1_000_000_000n + shiftNs;
  const unfinished = { startDts90k: 0, startWallUs: START_US + 30_000_000, startMonoNs };
  const going = cutter(60_000);
  going.resume({ ...unfinished, last90k: new Map([[0, 90_000]]), lastDuration90k: 3600, end90k: 93_600 });
  const closed = new SegmentCutter({
    ...{ streams: STREAMS, segmentMs: 60_000, previousEndWallUs: undefined, previousCause: undefined },
    recorded: { startDts90k: 0, startMonoNs, end90k: 90_000 },
  });
  const goesOn = cut([...before, ...after], going);
  assert.deepEqual(opens(goesOn), []);
  assert.equal(written(goesOn).length, after.filter(({ dts90k }) => dts90k > 90_000).length);
  const anew = cut([...before, ...after], closed);
  assert.deepEqual(
    opens(anew).map(({ dts90k, wallUs }) => [dts90k, wallUs]),
    [[90_000, START_US + 31_000_000]],
  );
  assert.equal(written(anew).length, after.filter(({ dts90k }) => dts90k >= 90_000).length);
});

test("without video, sound is cut by itself", () => {
  const packets = Array.from({ length: 1200 }, (_, index) => packet(index * 1920, { streamIndex: 1 }));
  const actions = cut(packets, cutter(10_000, STREAMS.slice(1)));
  assert.equal(written(actions, 1).length, 1200);
  assert.equal(opens(actions).length, 3);
});

const anyPackets = fc
  .array(
    fc.record({
      step90k: fc.oneof(
        { weight: 20, arbitrary: fc.constant(3600) },
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: -200_000, max: 0 }),
      ),
      key: fc.boolean(),
      audio: fc.boolean(),
      wallStepUs: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: -5_000_000, max: 5_000_000 })),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((steps) => {
    let dts90k = 1_000_000;
    let wallErrorUs = 0;
    return steps.map(({ step90k, key, audio, wallStepUs }) => {
      dts90k += step90k;
      wallErrorUs += wallStepUs;
      return packet(dts90k, { key: key && !audio, streamIndex: audio ? 1 : 0, wallErrorUs });
    });
  });

test("sound from before a segment of one picture that is just being closed is left out of it", () => {
  const by = cutter(2000);
  const actions = cut(
    [
      packet(1_003_600, { streamIndex: 1 }),
      packet(1_007_200, { key: true }),
      packet(1_010_800, { key: true, wallErrorUs: -2_000_000 }),
      packet(1_007_199, { streamIndex: 1 }),
      packet(1_009_000, { streamIndex: 1 }),
      packet(1_014_400, {}),
    ],
    by,
  );
  assert.deepEqual(
    written(actions, 1).map(({ dts90k }) => dts90k),
    [1800],
  );
  assert.equal(by.skippedPackets, 2);
});

test("whatever comes: segments begin with a key frame, time only rises in them, and holes between them are gaps to the microsecond", () => {
  fc.assert(
    fc.property(anyPackets, (packets) => {
      const by = cutter(2000);
      const actions = [...cut(packets, by), ...by.interrupt("service-restart")];
      let open: { startUs: number; lastDts: Map<number, number> } | undefined;
      let endUs: number | undefined;
      for (const action of actions) {
        if (action.type === "open") {
          assert.equal(open, undefined, "one segment at a time");
          const { gap, wallUs, clockJumpUs } = action.start;
          if (endUs !== undefined) {
            assert.ok(wallUs >= endUs || clockJumpUs < 0, "no overlap unless the clock went back");
            assert.deepEqual(
              [gap?.startWallUs, gap?.endWallUs],
              wallUs > endUs ? [endUs, wallUs] : [undefined, undefined],
            );
          }
          open = { startUs: wallUs, lastDts: new Map() };
        } else if (action.type === "fragment") {
          assert.ok(open, "a fragment belongs to a segment");
          if (open.lastDts.size === 0) {
            const first = action.packets.find(({ streamIndex }) => streamIndex === 0);
            assert.ok(first?.key && first.dts90k === 0, "begins at 0 with a key frame");
          }
          for (const each of action.packets) {
            assert.ok(each.dts90k > (open.lastDts.get(each.streamIndex) ?? -1), "decode times rise");
            assert.ok(each.duration90k >= 0);
            open.lastDts.set(each.streamIndex, each.dts90k);
          }
        } else {
          assert.ok(open);
          const offUs = Math.abs(action.endWallUs - open.startUs - usOf90k(action.duration90k));
          assert.ok(
            offUs <= 100_000 + (usOf90k(action.duration90k) * 500) / 1e6,
            `wall and media agree, off by ${offUs}`,
          );
          endUs = action.endWallUs;
          open = undefined;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("nothing of an uninterrupted recording is lost or doubled, however long its groups of pictures are", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 20 }), (gop, seconds) => {
      const packets = video(0, seconds, gop);
      const actions = cut(packets, cutter(3000));
      assert.equal(written(actions).length, packets.length);
      const total90k = written(actions).reduce((sum, { duration90k }) => sum + duration90k, 0);
      assert.equal(total90k, packets.length * 3600);
    }),
  );
});
