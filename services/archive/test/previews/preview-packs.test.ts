/** Packs and indexes of previews: whatever is cut off or damaged, what stays is whole pictures, and more can be appended. */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { FakeClock } from "@lanthorn/testing";
import fc from "fast-check";
import { DayIndex, spread } from "../../src/previews/day-index.ts";
import {
  decodeEntry,
  ENTRY_BYTES,
  encodeEntry,
  encodeFileHead,
  FILE_HEAD_BYTES,
  isJpegOf,
} from "../../src/previews/preview-entry.ts";
import { PreviewPacks } from "../../src/previews/preview-packs.ts";
import { previewFilesOf } from "../../src/previews/preview-paths.ts";
import { PreviewReader } from "../../src/previews/preview-reader.ts";
import { dayNumberOf } from "../../src/recording/recording-paths.ts";
import { DAY_US, picture, T0 } from "./made-previews.ts";

const CAMERA = "street";

/** A state directory. */
class Scene {
  readonly stateDir = mkdtempSync(join(tmpdir(), "lanthorn-previews-"));
  packs = new PreviewPacks(this.stateDir);

  /** Pack and index of the day of T0. */
  get files() {
    return previewFilesOf(this.stateDir, CAMERA, dayNumberOf(T0));
  }

  /** Appends pictures a second apart. */
  async fill(count: number, fromUs = T0, bytes = 200): Promise<void> {
    for (let number = 0; number < count; number++) {
      assert.equal(await this.packs.append(CAMERA, picture(fromUs + number * 1e6, bytes + number)), "kept");
    }
  }

  /** As after a restart. */
  async restart(): Promise<void> {
    await this.packs.close();
    this.packs = new PreviewPacks(this.stateDir);
  }

  /** Times of the whole pictures that can be found and read in a span. */
  async times(fromUs = T0 - DAY_US, toUs = T0 + 2 * DAY_US): Promise<number[]> {
    const reader = new PreviewReader(this.stateDir, systemClock);
    const times: number[] = [];
    for (const found of (await reader.list(CAMERA, fromUs, toUs, 1000)).found) {
      if ((await reader.read(found)) !== undefined) {
        times.push(found.entry.captureWallUs);
      }
    }
    return times;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.packs.close();
    rmSync(this.stateDir, { recursive: true });
  }
}

const seconds = (count: number, fromUs = T0) => Array.from({ length: count }, (_, number) => fromUs + number * 1e6);

test("an entry is what was written, and no byte of it can change unnoticed", () => {
  const size = fc.integer({ min: 1, max: 65_535 });
  const entries = fc.record(
    {
      captureWallUs: fc.maxSafeNat(),
      offsetBytes: fc.maxSafeNat(),
      jpegBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      widthPx: size,
      heightPx: size,
      jpegCrc32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(entries, fc.nat(ENTRY_BYTES - 1), fc.integer({ min: 1, max: 255 }), (entry, at, change) => {
      const bytes = encodeEntry(entry);
      assert.deepEqual(decodeEntry(bytes), entry);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      assert.equal(decodeEntry(bytes), undefined);
    }),
  );
  assert.equal(decodeEntry(Buffer.alloc(ENTRY_BYTES)), undefined, "a page of zeros is no entry");
});

test("cut anywhere, pack and index are brought to the pictures before the cut, and go on", async () => {
  await using full = new Scene();
  await full.fill(20);
  await full.packs.close();
  const pack = readFileSync(full.files.pack);
  const index = readFileSync(full.files.index);
  const ends = endsOf(pack);
  const cuts = fc.tuple(fc.nat(pack.length), fc.nat(index.length));
  await fc.assert(
    fc.asyncProperty(cuts, async ([packBytes, indexBytes]) => {
      await using scene = new Scene();
      await scene.packs.recover(CAMERA, dayNumberOf(T0));
      await scene.restart();
      writeFileSync(scene.files.pack, pack.subarray(0, packBytes));
      writeFileSync(scene.files.index, index.subarray(0, indexBytes));
      await scene.packs.recover(CAMERA, dayNumberOf(T0));
      // The pack alone decides: an index that was cut is made from it again.
      const whole = ends.filter((end) => end <= packBytes).length;
      assert.deepEqual(await scene.times(), seconds(whole));
      assert.equal(await scene.packs.append(CAMERA, picture(T0 + 100e6)), "kept");
      await scene.restart();
      assert.deepEqual(await scene.times(), [...seconds(whole), T0 + 100e6]);
    }),
    { numRuns: 60 },
  );
});

test("pages of zeros and garbage in the tail, as after a power cut, cost the pictures from there on and no other", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(19),
      fc.boolean(),
      fc.uint8Array({ minLength: 8, maxLength: 64 }),
      async (nth, isZero, noise) => {
        await using scene = new Scene();
        await scene.fill(20);
        await scene.packs.close();
        const pack = readFileSync(scene.files.pack);
        const from = endsOf(pack)[nth - 1] ?? FILE_HEAD_BYTES;
        pack.fill(isZero ? Buffer.alloc(1) : noise, from + ENTRY_BYTES, from + ENTRY_BYTES + 100);
        writeFileSync(scene.files.pack, pack);
        scene.packs = new PreviewPacks(scene.stateDir);
        await scene.packs.recover(CAMERA, dayNumberOf(T0));
        assert.deepEqual(await scene.times(), seconds(nth));
        await scene.fill(3, T0 + 50e6);
        assert.deepEqual(await scene.times(), [...seconds(nth), ...seconds(3, T0 + 50e6)]);
      },
    ),
    { numRuns: 25 },
  );
});

test("an index that is gone is made from the pack alone; a pack that is gone takes its index along", async () => {
  await using scene = new Scene();
  await scene.fill(300); // more than is looked into otherwise
  await scene.restart();
  rmSync(scene.files.index);
  await scene.packs.recover(CAMERA, dayNumberOf(T0));
  assert.equal(scene.packs.recovered.rebuilt, 300);
  assert.deepEqual(await scene.times(), seconds(300));
  await scene.restart();
  rmSync(scene.files.pack);
  await scene.packs.recover(CAMERA, dayNumberOf(T0));
  assert.deepEqual(await scene.times(), []);
  await scene.fill(2);
  assert.deepEqual(await scene.times(), seconds(2));
});

test("pictures go into the day (UTC) they were taken in, on either side of midnight", async () => {
  await using scene = new Scene();
  const midnightUs = (dayNumberOf(T0) + 1) * DAY_US;
  await scene.fill(4, midnightUs - 2e6);
  assert.deepEqual(await scene.times(), seconds(4, midnightUs - 2e6));
  for (const [day, count] of [
    [dayNumberOf(T0), 2],
    [dayNumberOf(T0) + 1, 2],
  ] as const) {
    const { index } = previewFilesOf(scene.stateDir, CAMERA, day);
    assert.equal(readFileSync(index).length, FILE_HEAD_BYTES + count * ENTRY_BYTES);
  }
  const reader = new PreviewReader(scene.stateDir, new FakeClock());
  const found = await reader.at(CAMERA, midnightUs - 1, 15e6);
  assert.equal(found?.entry.captureWallUs, midnightUs - 1e6);
  const next = await reader.at(CAMERA, midnightUs + 2 * 3_600e6, 3 * 3_600e6);
  assert.equal(next?.entry.captureWallUs, midnightUs + 1e6);
  await scene.restart();
  rmSync(previewFilesOf(scene.stateDir, CAMERA, dayNumberOf(T0) + 1).pack);
  const before = await reader.at(CAMERA, midnightUs + 1e6, 15e6);
  assert.equal(before?.entry.captureWallUs, midnightUs - 1e6, "what is gone is passed over, into the day before");
});

test("pictures seen before are not kept twice, however the process ended, and not even when the clock went back", async () => {
  await using scene = new Scene();
  await scene.fill(200);
  await scene.restart();
  for (const wallUs of seconds(200)) {
    assert.equal(await scene.packs.append(CAMERA, picture(wallUs)), "known");
  }
  assert.equal(await scene.packs.append(CAMERA, picture(T0 + 30e6 + 500_000)), "kept"); // an hour that comes twice
  assert.equal(await scene.packs.append(CAMERA, picture(T0 + 31e6)), "known");
  assert.equal(await scene.packs.append(CAMERA, picture(T0 + 32e6 + 500_000)), "kept");
  const times = await scene.times();
  assert.equal(times.length, 202);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const reader = new PreviewReader(scene.stateDir, new FakeClock());
  assert.equal((await reader.at(CAMERA, T0 + 30_600_000, 1e6))?.entry.captureWallUs, T0 + 30_500_000);
});

test("pictures that come faster than any camera makes them are not kept", async () => {
  await using scene = new Scene();
  await scene.fill(1);
  assert.equal(await scene.packs.append(CAMERA, picture(T0 + 400_000)), "too-many");
  assert.equal(await scene.packs.append(CAMERA, picture(T0 + 600_000)), "kept");
});

test("bytes behind the newest picture, of an append that was killed, are cut off", async () => {
  await using scene = new Scene();
  await scene.fill(3);
  await scene.restart();
  appendFileSync(scene.files.pack, encodeEntry({ ...firstEntry(scene), offsetBytes: 99 }).subarray(0, 20));
  truncateSync(scene.files.index, FILE_HEAD_BYTES + 2 * ENTRY_BYTES + 7);
  await scene.fill(2, T0 + 10e6);
  assert.deepEqual(await scene.times(), [...seconds(3), ...seconds(2, T0 + 10e6)]);
  assert.ok(existsSync(scene.files.index));
});

test("evenly spread numbers: no more than asked for, first and last, rising", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 1000 }), (available, count) => {
      const numbers = spread(available, count);
      assert.equal(numbers.length, Math.min(available, count));
      assert.ok(numbers.every((each, at) => at === 0 || each > (numbers[at - 1] ?? -1)));
      if (numbers.length > 1) {
        assert.deepEqual([numbers[0], numbers.at(-1)], [0, available - 1]);
      }
    }),
  );
});

test("a day's index finds for any instant what a look at every picture finds, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(10_000), { maxLength: 60 }), fc.nat(10_000), (offsets, at) => {
      const day = dayNumberOf(T0);
      const entry = (offset: number) =>
        encodeEntry({
          ...{ jpegBytes: 1, widthPx: 1, heightPx: 1, jpegCrc32: 0, offsetBytes: 64 },
          captureWallUs: T0 + offset,
        });
      const index = new DayIndex(Buffer.concat([encodeFileHead("index"), ...offsets.map(entry)]), day);
      const sorted = offsets.toSorted((a, b) => a - b);
      assert.equal(index.length, offsets.length);
      const found = index.before(T0 + at + 1) - 1;
      const expected = sorted.findLastIndex((offset) => offset <= at);
      assert.equal(found, expected);
      assert.equal(index.entry(found)?.captureWallUs, expected < 0 ? undefined : T0 + (sorted[expected] ?? 0));
    }),
  );
});

/** Where each picture of a pack ends. */
function endsOf(pack: Buffer): number[] {
  const ends: number[] = [];
  for (let at = FILE_HEAD_BYTES; at < pack.length; ) {
    const entry = decodeEntry(pack, at);
    assert.ok(entry !== undefined, `no entry at ${at}`);
    at = entry.offsetBytes + entry.jpegBytes;
    assert.ok(isJpegOf(entry, pack.subarray(entry.offsetBytes, at)));
    ends.push(at);
  }
  return ends;
}

function firstEntry(scene: Scene) {
  const entry = decodeEntry(readFileSync(scene.files.index), FILE_HEAD_BYTES);
  assert.ok(entry !== undefined);
  return entry;
}
