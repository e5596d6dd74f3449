/** The wall clock of a running ingest is set: by an hour forward, then by two back. The stream goes on as if nothing had been. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ByteRingReader } from "@lanthorn/rings";
import { waitUntil } from "@lanthorn/testing";
import { FfmpegCamera } from "./ffmpeg-camera.ts";
import { House, packetRing } from "./house.ts";

const HOUR_US = 3_600_000_000;

/** Makes the preloaded library; its environment, and what sets the clock. */
function makeWallClock(directory: string): { environment: Record<string, string>; step(us: number): void } {
  const library = join(directory, "wall_clock.so");
  const source = join(import.meta.dirname, "wall_clock.c");
  const made = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source, "-ldl"]);
  assert.equal(made.status, 0, `cc: ${made.stderr}`);
  const file = join(directory, "wall-step");
  const step = (us: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(us) * 1000n);
    const descriptor = openSync(file, "a+");
    closeSync(descriptor);
    const open = openSync(file, "r+");
    writeSync(open, bytes, 0, 8, 0); // in place: the other process has it mapped
    closeSync(open);
  };
  step(0);
  return { environment: { LD_PRELOAD: library, LANTHORN_TEST_WALL_STEP: file }, step };
}

test("a wall clock set forward is followed, one set back is not until the stream begins anew, and no packet is lost", async () => {
  await using house = new House();
  const clock = makeWallClock(house.home.root);
  await house.open(clock.environment);
  const { streamId, passphrase } = await house.register("porch");
  const reader = ByteRingReader.open(packetRing(house.home, "porch"));
  await using _camera = new FfmpegCamera(house.url(streamId, passphrase), 120);
  const records: {
    streamIndex: number;
    wallUs: number;
    monoNs: bigint;
    arrivalMonoNs: bigint;
    discontinuity: boolean;
  }[] = [];
  const take = async (what: string, isEnough: (offUs: number, count: number) => boolean) => {
    let count = 0;
    await waitUntil(what, () => {
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const { captureWallUs, captureMonoNs, arrivalMonoNs, discontinuity, streamIndex } = record.meta;
        records.push({
          streamIndex,
          wallUs: Number(captureWallUs),
          monoNs: captureMonoNs,
          arrivalMonoNs,
          discontinuity,
        });
        count += 1;
      }
      const offUs = (records.at(-1)?.wallUs ?? 0) - systemClock.wallUs();
      return isEnough(offUs, count) ? true : undefined;
    });
  };
  await take("a stream by the usual clock", (offUs, count) => count > 50 && Math.abs(offUs) < HOUR_US / 2);
  clock.step(HOUR_US);
  await take("an hour later", (offUs, count) => count > 50 && Math.abs(offUs - HOUR_US) < HOUR_US / 2);
  clock.step(-HOUR_US);
  await take("a second of stream after it was set back", (_, count) => count > 70);
  reader.close();

  for (const index of [0, 1]) {
    const own = records.filter(({ streamIndex }) => streamIndex === index); // picture and sound lie a little apart
    assert.ok(own.length > 50);
    const back = own.findIndex(({ wallUs }, i) => i > 0 && wallUs < (own[i - 1]?.wallUs ?? 0));
    assert.equal(
      back,
      -1,
      `stream ${index}, record ${back} of ${own.length}: ${own[back - 1]?.wallUs} then ${own[back]?.wallUs}`,
    );
  }
  assert.equal(records.filter(({ discontinuity }) => discontinuity).length, 2); // the beginnings of picture and sound
  for (const { monoNs, arrivalMonoNs } of records) {
    const ageMs = Number(arrivalMonoNs - monoNs) / 1e6;
    assert.ok(ageMs > -1000 && ageMs < 60_000, `captured ${ageMs} ms before it came`);
  }
  const link = await house.link("porch");
  assert.deepEqual([link?.state, link?.reconnects, link?.pktRcvDrop, link?.continuityErrors], ["connected", 0, 0, 0]);

  await using _again = new FfmpegCamera(house.url("porch/sub", passphrase));
  const sub = await house.linkWhen("porch", "a stream that begins now", (row) => (row.sub?.packets ?? 0) > 0);
  assert.ok(Math.abs((sub.sub?.connectedSinceWallUs ?? 0) - (systemClock.wallUs() - HOUR_US)) < HOUR_US / 2);
});
