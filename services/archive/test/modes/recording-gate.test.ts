import assert from "node:assert/strict";
import { test } from "node:test";
import { type DetectionEvent, RecordingSettings } from "@lanthorn/contract";
import fc from "fast-check";
import { EventWatch } from "../../src/modes/event-watch.ts";
import { type GatePacket, RecordingGate, type RestCause } from "../../src/modes/recording-gate.ts";
import { madeEvent } from "../support/made-events.ts";

const START_US = 1767225600_000_000;
/** Ten pictures a second. */
const STEP_US = 100_000;
const NS_PER_US = 1000n;

interface Heard {
  /** Seconds after the start: when it is in front of the camera, and how much later it is told. */
  readonly fromS: number;
  readonly lastsS: number;
  readonly lagS: number;
}

interface Scene {
  readonly settings?: object;
  readonly seconds: number;
  /** A key frame each so many packets. */
  readonly groupPackets?: number;
  readonly events?: readonly Heard[];
  /** Seconds that the ring holds. */
  readonly ringS?: number;
  /** Seconds during which inference looks. */
  readonly watchedS?: readonly (readonly [number, number])[];
  readonly lagS?: number;
  /** Called before each packet. */
  readonly before?: (second: number, gate: RecordingGate) => void;
}

interface Outcome {
  /** Places of recorded packets, in the order they were recorded. */
  readonly recorded: number[];
  readonly causes: Set<RestCause>;
  readonly gate: RecordingGate;
  readonly packets: readonly GatePacket[];
}

/** Plays a ring, its reader and inference, in the time of the packets. */
function play(scene: Scene): Outcome {
  const watch = new EventWatch();
  const settings = RecordingSettings.parse({ mode: "events", ...scene.settings });
  const gate = new RecordingGate({ settings, watch, startedWallUs: START_US, timeZone: "UTC" });
  const count = scene.seconds * 10;
  const packets = Array.from({ length: count }, (_, index) => ({
    sequence: BigInt(index + 1),
    key: index % (scene.groupPackets ?? 10) === 0,
    captureWallUs: START_US + index * STEP_US,
  }));
  const recorded: number[] = [];
  const causes = new Set<RestCause>();
  let next = 0;
  for (let index = 0; index < count; index++) {
    const second = index / 10;
    const nowNs = BigInt(START_US + index * STEP_US) * NS_PER_US;
    tell(watch, scene, second, nowNs);
    scene.before?.(second, gate);
    const oldest = Math.max(0, index - (scene.ringS ?? 1000) * 10);
    // All that the ring has: the reader may have been sent back.
    for (next = Math.max(next, oldest); next <= index; ) {
      const packet = packets[next] as GatePacket;
      const verdict = gate.take(packet, nowNs);
      if (verdict.type === "rewind") {
        next = Math.max(oldest, Number(verdict.sequence) - 1);
        continue;
      }
      if (verdict.type === "record") {
        recorded.push(next);
      } else {
        causes.add(verdict.cause);
      }
      next += 1;
    }
  }
  return { recorded, causes, gate, packets };
}

function tell(watch: EventWatch, scene: Scene, second: number, nowNs: bigint): void {
  const watched = scene.watchedS ?? [[0, Number.POSITIVE_INFINITY]];
  const seenS = second - (scene.lagS ?? 0.2);
  if (seenS >= 0 && watched.some(([fromS, untilS]) => seenS >= fromS && seenS < untilS)) {
    watch.saw(START_US + seenS * 1e6);
  }
  for (const [index, { fromS, lastsS, lagS }] of (scene.events ?? []).entries()) {
    const event: DetectionEvent = madeEvent({ id: `e${index}`, startWallUs: START_US + fromS * 1e6 });
    const tenth = (seconds: number) => Math.round(seconds * 10);
    if (tenth(second) === tenth(fromS + lagS)) {
      watch.note(event, event.startWallUs, nowNs);
    }
    if (tenth(second) === tenth(fromS + lastsS + lagS)) {
      const endWallUs = event.startWallUs + lastsS * 1e6;
      watch.note({ ...event, endWallUs }, endWallUs, nowNs);
    }
  }
}

/** What the rule says: all groups of pictures that overlap an event with its rolls. */
function expected(scene: Scene, packets: readonly GatePacket[], preRollS: number, postRollS: number): number[] {
  const group = scene.groupPackets ?? 10;
  const isWanted = (first: number) =>
    (scene.events ?? []).some(({ fromS, lastsS }) => {
      const [fromUs, untilUs] = [fromS - preRollS, fromS + lastsS + postRollS].map((s) => START_US + s * 1e6);
      const startUs = START_US + first * STEP_US;
      return (fromUs ?? 0) < startUs + group * STEP_US && (untilUs ?? 0) > startUs;
    });
  return packets.map((_, index) => index).filter((index) => isWanted(index - (index % group)));
}

const anyHeard = fc.record({
  fromS: fc.integer({ min: 50, max: 800 }).map((tenths) => tenths / 10),
  lastsS: fc.integer({ min: 1, max: 100 }).map((tenths) => tenths / 10),
  lagS: fc.integer({ min: 2, max: 40 }).map((tenths) => tenths / 10),
});

test("recorded is each group of pictures that overlaps an event with its rolls, and nothing else, in order and once", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyHeard, { maxLength: 4, selector: ({ fromS }) => fromS }),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: 5, max: 15 }),
      fc.constantFrom(5, 10, 25, 40),
      (events, preRollS, postRollS, groupPackets) => {
        // Confirmed in the order they began, and their ends known before the post-roll is over: see below for others.
        const lagS = Math.max(0.2, ...events.map(({ lagS }) => lagS));
        const scene: Scene = {
          settings: { preRollS, postRollS },
          seconds: 130,
          groupPackets,
          events: events.map((event) => ({ ...event, lagS })),
        };
        const { recorded, packets, gate } = play(scene);
        assert.deepEqual(recorded, expected(scene, packets, preRollS, postRollS));
        assert.equal(gate.shortPreRolls, 0);
      },
    ),
    { numRuns: 60 },
  );
});

test("whatever is told when, nothing is recorded twice or out of order, and an event itself is never missing", () => {
  fc.assert(
    fc.property(fc.array(anyHeard, { maxLength: 5 }), (events) => {
      const { recorded } = play({ settings: { preRollS: 5, postRollS: 5 }, seconds: 130, events });
      assert.deepEqual(
        recorded,
        [...new Set(recorded)].sort((a, b) => a - b),
      );
      const there = new Set(recorded);
      for (const { fromS, lastsS } of events) {
        // Lags of up to 4 s are less than pre-roll and settling together.
        for (let tenth = Math.ceil(fromS * 10); tenth < Math.floor((fromS + lastsS) * 10); tenth++) {
          assert.ok(there.has(tenth), `picture ${tenth} of the event at ${fromS} s`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("an event that began earlier but was confirmed a moment later still has its pre-roll", () => {
  const events = [
    { fromS: 31, lastsS: 5, lagS: 0.5 }, // told at 31.5
    { fromS: 28, lastsS: 2, lagS: 4 }, // told at 32, before the first one has settled
  ];
  const scene: Scene = { settings: { preRollS: 2, postRollS: 2 }, seconds: 60, events };
  const { recorded, packets } = play(scene);
  assert.deepEqual(recorded, expected(scene, packets, 2, 2));
});

test("a ring shorter than the pre-roll gives what it has, from a key frame on, and that is counted", () => {
  const scene: Scene = {
    settings: { preRollS: 20, postRollS: 2 },
    seconds: 80,
    ringS: 8,
    events: [{ fromS: 50, lastsS: 3, lagS: 1 }],
  };
  const { recorded, gate } = play(scene);
  assert.equal(gate.shortPreRolls, 1);
  assert.equal((recorded[0] ?? 0) % 10, 0);
  assert.ok((recorded[0] ?? 0) <= 450, `began with picture ${recorded[0]}`);
  assert.deepEqual(
    recorded,
    Array.from({ length: recorded.length }, (_, index) => (recorded[0] ?? 0) + index),
  );
});

test("when nobody looks, all is recorded from the last picture that was looked at on, until somebody looks again", () => {
  const { recorded, gate } = play({
    seconds: 100,
    watchedS: [
      [0, 30],
      [70, 100],
    ],
  });
  assert.ok((recorded[0] ?? 0) <= 300 && (recorded[0] ?? 0) >= 280, `began with picture ${recorded[0]}`);
  const last = recorded.at(-1) ?? 0;
  assert.ok(last >= 699 && last < 720, `ended with picture ${last}`);
  assert.equal(recorded.length, last - (recorded[0] ?? 0) + 1);
  assert.equal(gate.isWatched, true);
});

test("with a camera that nobody has ever looked at, all is recorded", () => {
  const { recorded, gate, packets } = play({ seconds: 60, watchedS: [] });
  assert.equal(recorded.length, packets.length);
  assert.equal(gate.isWatched, false);
});

test("a short ring is not left unwatched until it has forgotten", () => {
  const { recorded } = play({
    seconds: 60,
    ringS: 8,
    watchedS: [[0, 20]],
    before: (_, gate) => {
      gate.ringHoldsUs = 8e6;
    },
  });
  assert.ok((recorded[0] ?? 0) <= 200, `began with picture ${recorded[0]}`);
  assert.equal(recorded.at(-1), 599);
});

test("labels and scores decide which events count, and a score that rises counts from the event's beginning", () => {
  const watch = new EventWatch();
  const settings = RecordingSettings.parse({ labels: ["person"], minScore01: 0.6, preRollS: 0, postRollS: 0 });
  const event = madeEvent({ id: "a", startWallUs: START_US });
  watch.note({ ...event, label: "cat", topScore01: 0.9 }, START_US, 0n);
  assert.deepEqual(watch.wanted(settings, 10n ** 10n), []);
  watch.note({ ...event, id: "b", label: "person", topScore01: 0.5 }, START_US, 0n);
  assert.deepEqual(watch.wanted(settings, 10n ** 10n), []);
  watch.note({ ...event, id: "b", label: "person", topScore01: 0.7 }, START_US + 5e6, 0n);
  assert.deepEqual(watch.wanted(settings, 10n ** 10n), [{ fromUs: START_US, untilUs: Number.POSITIVE_INFINITY }]);
  watch.lost();
  assert.deepEqual(watch.wanted(settings, 10n ** 10n), [{ fromUs: START_US, untilUs: START_US + 5e6 }]);
});

test("neither privacy nor a schedule's off is ever looked behind, whatever happens right after it", () => {
  for (const [change, cause] of [
    [{ privacy: true }, "privacy"],
    [{ mode: "off" }, "not-scheduled"],
  ] as const) {
    const { recorded, causes } = play({
      seconds: 60,
      settings: { preRollS: 10 },
      events: [{ fromS: 31, lastsS: 2, lagS: 0.5 }],
      before: (second, gate) => {
        if (second === 10) {
          gate.setSettings(RecordingSettings.parse({ mode: "events", preRollS: 10, ...change }));
        } else if (second === 30) {
          gate.setSettings(RecordingSettings.parse({ mode: "events", preRollS: 10 }));
        }
      },
    });
    assert.ok(causes.has(cause));
    assert.equal(recorded[0], 300, "the first key frame after it");
  }
});

test("a schedule holds by when a picture was taken", () => {
  const { recorded } = play({
    seconds: 180,
    settings: { mode: "continuous", schedule: [{ days: WEEK, from: "00:01", to: "00:02", mode: "privacy" }] },
  });
  assert.deepEqual(
    recorded,
    Array.from({ length: 1800 }, (_, index) => index).filter((index) => index < 600 || index >= 1200),
  );
});

test("recording all the time ends at a key frame when only events are wanted, and at once when nothing is", () => {
  const stopAt = (change: object) => {
    const { recorded } = play({
      seconds: 20,
      settings: { mode: "continuous" },
      before: (second, gate) => {
        if (second === 10.4) {
          gate.setSettings(RecordingSettings.parse(change));
        }
      },
    });
    return recorded.at(-1);
  };
  assert.equal(stopAt({ mode: "events" }), 109);
  assert.equal(stopAt({ mode: "off" }), 103);
});

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
