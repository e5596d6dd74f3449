import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import fc from "fast-check";
import { checkArchive } from "../../src/check/check.ts";
import type { RestCause } from "../../src/modes/recording-gate.ts";
import { CameraRecorder } from "../../src/recording/camera-recorder.ts";
import { CommitLoop } from "../../src/recording/commit-loop.ts";
import type { CommitEntry } from "../../src/recording/commit-queue.ts";
import type { MuxerFactory, MuxStream } from "../../src/recording/muxer.ts";
import { recover } from "../../src/recording/recovery.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { madeFragment, madeInit, START_US, video } from "../support/made-packets.ts";

const log = createLogger("test", "silent");
const CAMERA = CameraId.parse("porch");
const STREAM: MuxStream = {
  index: 0,
  type: "video",
  codec: "h264",
  widthPx: 320,
  heightPx: 180,
  extradata: "",
  codecString: "avc1.42c00c",
};

/** Boxes without pictures in them: what is tested here is what happens to files and rows. */
const makeMuxer: MuxerFactory = () => ({
  initSegment: madeInit,
  fragment: (packets) =>
    madeFragment(packets[0]?.dts90k ?? 0, { samples: packets.length, key: packets[0]?.key ?? false }),
  close: () => {},
});

/** Which kind of fault strikes before which second of media; or why nothing is wanted of that second. */
interface Fault {
  readonly atS: number;
  readonly kind: "sync" | "rows" | "room" | RestCause | "ring-overrun";
}

/** Once: a segment that a failed sync took whole, with nothing wanted after it, left no gap behind. */
const NEVER_DURABLE_THEN_AT_REST: Fault[] = [
  { atS: 0, kind: "privacy" },
  { atS: 8, kind: "sync" },
  { atS: 8, kind: "not-scheduled" },
  { atS: 9, kind: "privacy" },
];

const RESTS = ["privacy", "not-scheduled", "no-event"] as const;

class FaultyCommits extends CommitLoop {
  failSyncs = 0;

  override add(entry: CommitEntry): void {
    const targets = entry.targets.map((target) => ({
      key: target.key,
      sync: async () => {
        if (this.failSyncs > 0 && target.key.endsWith(".mp4")) {
          this.failSyncs -= 1;
          throw Object.assign(new TypeError("EIO: i/o error, fdatasync"), { code: "EIO" });
        }
        await target.sync();
      },
    }));
    super.add({ ...entry, targets });
  }
}

async function record(
  stateDir: string,
  faults: readonly Fault[],
): Promise<{ recordedS: number; gapS: number; states: Set<string> }> {
  const store = makeStore(openForWriting(stateDir));
  let [rowFaults, roomFaults] = [0, 0];
  const commits = new FaultyCommits({
    clock: systemClock,
    log,
    windowMs: 0,
    transaction: (run) => {
      if (rowFaults > 0) {
        rowFaults -= 1;
        throw Object.assign(new TypeError("database or disk is full"), { code: "SQLITE_FULL" });
      }
      store.transaction(run);
    },
  });
  const recorder = new CameraRecorder(
    { camera: CAMERA, stream: "main" },
    {
      stateDir,
      store,
      commits,
      space: {
        admit: async () => {
          roomFaults -= 1;
          return roomFaults < 0;
        },
        place: async () => 1,
        failed: () => {},
        words: () => ({ freeBytes: 0, floorBytes: 1 }),
      },
      clock: systemClock,
      log,
      makeMuxer,
      bootId: "this-boot",
      segmentMs: 3000,
      disconnectedAfterMs: 60_000,
    },
  );
  const states = new Set<string>();
  recorder.setStreams([STREAM]);
  for (let second = 0; second < 12; second++) {
    for (const { kind } of faults.filter(({ atS }) => atS === second)) {
      commits.failSyncs += kind === "sync" ? 1 : 0;
      rowFaults += kind === "rows" ? 1 : 0;
      roomFaults = kind === "room" ? 2 : roomFaults;
      if (kind === "ring-overrun") {
        recorder.interrupt(kind);
      }
    }
    const cause = RESTS.find((each) => faults.some(({ atS, kind }) => atS === second && kind === each));
    for (const each of video(second, second + 1)) {
      if (cause !== undefined) {
        recorder.rest(cause, each.captureWallUs);
        break;
      }
      await recorder.push(each);
    }
    await recorder.settled();
    await commits.drain();
    await recorder.settled();
    states.add(recorder.state);
  }
  await recorder.stop();
  await commits.drain();
  const { recordedS } = recorder.tally;
  const gapS = recorder.tally.gapS(START_US + 12e6);
  store.database.close();
  return { recordedS, gapS, states };
}

async function settle(stateDir: string): Promise<void> {
  const store = makeStore(openForWriting(stateDir));
  await recover({ stateDir, store, log, bootId: "next-boot" });
  store.database.close();
}

test("without faults every packet is recorded, in files that adjoin", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  try {
    const { recordedS } = await record(stateDir, []);
    assert.equal(recordedS, 12);
    await settle(stateDir);
    const { faults, counts } = await checkArchive(stateDir);
    assert.deepEqual(faults, []);
    assert.deepEqual([counts.segments, counts.recordedS], [4, 12]);
    assert.equal(counts.gaps, 1, "the one that goes on since the restart");
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

test("whatever is refused, and when: syncs, rows, room, what is left agrees to the byte and every hole is a gap", async () => {
  const anyFaults = fc.array(
    fc.record({ atS: fc.integer({ min: 0, max: 11 }), kind: fc.constantFrom<Fault["kind"][]>("sync", "rows", "room") }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(anyFaults, async (faults) => {
      const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
      try {
        await record(stateDir, faults);
        await settle(stateDir);
        const findings = await checkArchive(stateDir);
        assert.deepEqual(findings.faults, []);
        assert.ok(findings.counts.recordedS > 0 || faults.length > 2, "a few faults do not cost everything");
      } finally {
        rmSync(stateDir, { recursive: true });
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
});

test("whatever is wanted, and when, and refused at the same time: every hole is gaps that fill it to the microsecond", async () => {
  const kinds = fc.constantFrom<Fault["kind"][]>(...RESTS, ...RESTS, "ring-overrun", "sync", "rows", "room");
  const anyTurns = fc.array(fc.record({ atS: fc.integer({ min: 0, max: 11 }), kind: kinds }), {
    minLength: 1,
    maxLength: 9,
  });
  await fc.assert(
    fc.asyncProperty(anyTurns, async (turns) => {
      const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
      try {
        await record(stateDir, turns);
        await settle(stateDir);
        assert.deepEqual((await checkArchive(stateDir)).faults, []);
      } finally {
        rmSync(stateDir, { recursive: true });
      }
    }),
    {
      numRuns: 40,
      interruptAfterTimeLimit: 60_000,
      markInterruptAsFailure: false,
      examples: [[NEVER_DURABLE_THEN_AT_REST]],
    },
  );
});

test("what is wanted again and again leaves one gap a cause, and none of it counts as missing", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  try {
    const turns = [
      { atS: 3, kind: "no-event" },
      { atS: 4, kind: "privacy" },
      { atS: 5, kind: "privacy" },
      { atS: 6, kind: "not-scheduled" },
    ] as const;
    const { recordedS, gapS } = await record(stateDir, turns);
    assert.deepEqual([recordedS, gapS], [8, 0]);
    await settle(stateDir);
    const store = makeStore(openForWriting(stateDir));
    const gaps = store.gaps.inInterval(store.cameras.find(CAMERA) ?? -1, 0, Number.MAX_SAFE_INTEGER);
    const told = gaps.map(({ cause, startWallUs, endWallUs }) => [
      cause,
      ((endWallUs ?? Number.NaN) - startWallUs) / 1e6,
    ]);
    assert.deepEqual(told.slice(0, 3), [
      ["no-event", 1],
      ["privacy", 2],
      ["not-scheduled", 1],
    ]);
    store.database.close();
    assert.deepEqual((await checkArchive(stateDir)).faults, []);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

test("a file that cannot be synced ends at its last durable fragment, and recording goes on at the next key frame", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  try {
    const { recordedS, states } = await record(stateDir, [{ atS: 4, kind: "sync" }]);
    assert.ok(states.has("recording"));
    assert.ok(recordedS >= 9 && recordedS < 12, `${recordedS} s`);
    await settle(stateDir);
    assert.deepEqual((await checkArchive(stateDir)).faults, []);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});
