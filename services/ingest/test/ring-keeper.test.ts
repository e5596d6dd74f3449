import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, LanthornError, monoNs, systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import { mediaErrors } from "@lanthorn/media";
import { RingKeeper } from "../src/ring-keeper.ts";
import { RingRoom } from "../src/ring-room.ts";

const MIB = 2 ** 20;
const MBPS = 1e6 / 8;

/** A ring that fills, and what was asked of it. */
class Stand {
  nowNs = 0n;
  freeBytes = 8192 * MIB;
  limit: { currentBytes: number; mostBytes: number } | null = null;
  ring = { ringBytes: 16 * MIB, ringHeadBytes: 0, ringTailBytes: 0 };
  readonly grown: number[] = [];
  readonly told: string[] = [];
  refuse: LanthornError | undefined;
  readonly clock = { monoNs: () => monoNs(this.nowNs), sleep: async () => {} } as unknown as Clock;
  readonly room = new RingRoom(this.clock, {
    shm: () => ({ freeBytes: this.freeBytes, totalBytes: 8192 * MIB }),
    limit: () => this.limit,
  });
  readonly keeper: RingKeeper;

  constructor(preRollS: number) {
    const log = { info: () => {}, warn: (_: unknown, words: unknown) => void this.told.push(String(words)) };
    this.keeper = new RingKeeper(
      {
        ...{ camera: CameraId.parse("porch"), stream: "main", room: this.room, log: log as never },
        clock: this.clock,
        grow: async (bytes) => {
          if (this.refuse !== undefined) {
            throw this.refuse;
          }
          this.grown.push(bytes / MIB);
          this.freeBytes -= bytes - this.ring.ringBytes;
          this.ring = { ...this.ring, ringBytes: bytes };
        },
      },
      preRollS,
    );
  }

  async run(seconds: number, mbps: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.nowNs += 1_000_000_000n;
      const ringHeadBytes = this.ring.ringHeadBytes + mbps * MBPS;
      const ringTailBytes = Math.max(this.ring.ringTailBytes, ringHeadBytes - this.ring.ringBytes);
      this.ring = { ...this.ring, ringHeadBytes, ringTailBytes };
      this.keeper.sample(this.ring);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("a ring grows before it forgets anything, to what the pre-roll needs at the stream's rate", async () => {
  const stand = new Stand(60);
  await stand.run(4, 20);
  assert.deepEqual(stand.grown, [256]);
  assert.equal(stand.ring.ringTailBytes, 0);
  await stand.run(200, 20);
  assert.deepEqual(stand.grown, [256]);
  assert.equal(stand.keeper.shortage(), null);
  assert.ok((stand.keeper.holdsS(stand.ring.ringBytes) ?? 0) > 100);
  await stand.run(120, 40); // it was set to a higher rate
  assert.deepEqual(stand.grown, [256, 512]);
});

test("a ring that is large enough, or not half full yet, stays as it is", async () => {
  const quiet = new Stand(5);
  await quiet.run(100, 4);
  assert.deepEqual(quiet.grown, []);
  assert.ok((quiet.keeper.holdsS(quiet.ring.ringBytes) ?? 0) > 30);
  const young = new Stand(60);
  await young.run(10, 4);
  assert.deepEqual(young.grown, []);
  await young.run(10, 4);
  assert.deepEqual(young.grown, [64]);
});

test("a longer pre-roll makes the ring grow while the camera goes on", async () => {
  const stand = new Stand(5);
  await stand.run(60, 4);
  stand.keeper.setPreRoll(60);
  await stand.run(2, 4);
  assert.deepEqual(stand.grown, [64]);
});

test("where there is no room the ring grows as far as it can, and what is missing is told once, in bytes", async () => {
  const stand = new Stand(60);
  stand.freeBytes = (256 + 150) * MIB; // 256 MiB are left to others
  await stand.run(30, 20);
  assert.deepEqual(stand.grown, [128]);
  assert.equal(stand.told.length, 1);
  assert.match(
    stand.told[0] ?? "",
    /^Camera porch \(main\) is to be kept for 60 s before .* 70 s at its 20\.0 Mbit\/s needs 268435456 bytes, and \d+ bytes are available/,
  );
  assert.match(stand.keeper.shortage() ?? "", /It keeps 53 s/);
  stand.freeBytes = 4096 * MIB;
  await stand.run(5, 20);
  assert.deepEqual(stand.grown, [128, 256]);
  assert.equal(stand.keeper.shortage(), null);
});

test("that 30 s are not kept is no fault as long as the pre-roll is", async () => {
  const stand = new Stand(5);
  stand.freeBytes = 0;
  await stand.run(30, 8);
  assert.deepEqual(stand.grown, []);
  assert.equal(stand.keeper.shortage(), null);
  assert.deepEqual(stand.told, []);
});

test("rings stay below the service's memory limit, beyond which the kernel would end it", async () => {
  const stand = new Stand(60);
  stand.limit = { currentBytes: 900 * MIB, mostBytes: 1100 * MIB };
  await stand.run(30, 20);
  assert.deepEqual(stand.grown, [64]); // 72 MiB: 128 are left
  assert.ok(stand.keeper.shortage() !== null);
});

test("rings that grow at once do not count on the same memory", async () => {
  const facts = { shm: () => ({ freeBytes: 800 * MIB, totalBytes: 8192 * MIB }), limit: () => null };
  const room = new RingRoom(systemClock, facts);
  assert.equal(room.freeBytes() / MIB, 544);
  const taken = Promise.withResolvers<void>();
  const taking = room.taking(500 * MIB, () => taken.promise);
  assert.equal(room.freeBytes() / MIB, 44);
  taken.resolve();
  await taking;
  assert.equal(room.freeBytes() / MIB, 544);
  await assert.rejects(room.taking(MIB, () => Promise.reject(new LanthornError("internal", "X", "x"))));
  assert.equal(room.freeBytes() / MIB, 544);
});

test("rings grow one after another, each after a rest that is many times the work of the one before, also where that failed", async () => {
  const stand = new Stand(5);
  const done: string[] = [];
  const rests: { ms: number; over: () => void }[] = [];
  const sleep = (ms: number) => new Promise<void>((over) => rests.push({ ms, over }));
  const room = new RingRoom(
    { ...stand.clock, sleep },
    { shm: () => ({ freeBytes: 0, totalBytes: 0 }), limit: () => null },
  );
  const grow = (name: string, workMs: number) =>
    room.taking(MIB, async () => {
      stand.nowNs += BigInt(workMs) * 1_000_000n;
      done.push(name);
      if (name === "refused") {
        throw new Error(name);
      }
    });
  const all = Promise.allSettled([grow("refused", 36), grow("second", 20), grow("third", 1)]);
  for (const [index, expectedMs] of [540, 300, 15].entries()) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(done, ["refused", "second", "third"].slice(0, index + 1));
    assert.equal(rests[index]?.ms, expectedMs);
    rests[index]?.over();
  }
  assert.deepEqual(
    (await all).map(({ status }) => status),
    ["rejected", "fulfilled", "fulfilled"],
  );
});

test("a refusal of the ring is told once and tried again; a source that was stopped meanwhile is none", async () => {
  const stand = new Stand(60);
  stand.refuse = mediaErrors.make("MEDIA_NO_SPACE", { detail: "Ring needs 5 bytes" });
  await stand.run(10, 20);
  assert.deepEqual(stand.told, ["Ring needs 5 bytes"]);
  stand.refuse = mediaErrors.make("MEDIA_CLOSED", { what: "TsDemuxer" });
  await stand.run(5, 20);
  assert.equal(stand.told.length, 1);
  stand.refuse = undefined;
  await stand.run(2, 20);
  assert.deepEqual(stand.grown, [256]);
});

test("the kernel of this machine says how much room there is", () => {
  const freeBytes = new RingRoom(systemClock).freeBytes();
  assert.ok(Number.isSafeInteger(freeBytes) && freeBytes >= 0, `${freeBytes}`);
});
