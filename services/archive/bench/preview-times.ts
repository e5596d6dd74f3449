/** How soon the preview of a random moment is there, and a hundred spread over a day, over the archive's socket. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { requestSocket, systemClock } from "@lanthorn/base";
import { makeTemporaryHome, startService } from "@lanthorn/testing";
import { ENTRY_BYTES, encodeEntry, encodeFileHead, FILE_HEAD_BYTES } from "../src/previews/preview-entry.ts";
import { previewFilesOf, startOfDayUs } from "../src/previews/preview-paths.ts";
import { dayNumberOf } from "../src/recording/recording-paths.ts";
import { makeDice } from "./dice.ts";
import { type Percentiles, percentiles } from "./percentiles.ts";

const CAMERAS = 16;
/** A picture each 5 s. */
const ENTRIES = 17_280;
const JPEG_BYTES = 9000;
/** Pictures in a pack: the archive reads no more of a day's 155 MB either way, and never looks into a picture. */
const PICTURES = 200;
const MANY = 100;

/** Times questions of a day's pictures of 16 cameras, after one question of each. */
export async function timePreviews(rounds: number): Promise<{ one: Percentiles; hundred: Percentiles }> {
  const home = makeTemporaryHome();
  try {
    const day = dayNumberOf(systemClock.wallUs()) - 3;
    for (let camera = 0; camera < CAMERAS; camera++) {
      makeDay(home.stateDir("archive"), `camera-${camera}`, day, ENTRIES);
      makeDay(home.stateDir("archive"), `camera-${camera}`, day + 1, 0); // the two newest days are brought in order at the start:
      makeDay(home.stateDir("archive"), `camera-${camera}`, day + 2, 0); // a pack whose pictures are used again would be cut
    }
    await using _service = await startService("archive", home, { readyTimeoutMs: 60_000 });
    const dice = makeDice(17);
    const startUs = startOfDayUs(day);
    const samples = { one: [] as number[], hundred: [] as number[] };
    const warmUp = CAMERAS;
    for (let round = -warmUp; round < rounds; round++) {
      const camera = `camera-${round < 0 ? round + warmUp : Math.floor(dice() * CAMERAS)}`;
      const atUs = Math.floor(startUs + dice() * 86_000e6 + 400e6);
      const one = await timed(home.runDir, `/cameras/${camera}/preview.jpg?atUs=${atUs}`, JPEG_BYTES);
      const span = `fromUs=${startUs}&toUs=${startUs + 86_400e6}&count=${MANY}`;
      const hundred = await timed(home.runDir, `/cameras/${camera}/previews.jpegs?${span}`, MANY * (JPEG_BYTES + 12));
      if (round >= 0) {
        samples.one.push(one);
        samples.hundred.push(hundred);
      }
    }
    return { one: percentiles(samples.one), hundred: percentiles(samples.hundred) };
  } finally {
    home.remove();
  }
}

async function timed(runDir: string, path: string, bytes: number): Promise<number> {
  const startedNs = systemClock.monoNs();
  const { body, statusCode } = await requestSocket(runDir, "archive", { path, timeoutMs: 20_000 });
  const ms = Number(systemClock.monoNs() - startedNs) / 1e6;
  assert.equal(statusCode, 200, body.toString().slice(0, 200));
  assert.equal(body.length, bytes, path);
  return ms;
}

function makeDay(stateDir: string, camera: string, day: number, entries: number): void {
  const files = previewFilesOf(stateDir, camera, day);
  mkdirSync(dirname(files.pack), { recursive: true });
  const pack: Buffer[] = [encodeFileHead("pack")];
  const pictures = Array.from({ length: Math.min(entries, PICTURES) }, (_, number) => {
    const jpeg = randomBytes(JPEG_BYTES);
    jpeg.writeUInt16BE(0xffd8, 0);
    jpeg.writeUInt16BE(0xffd9, JPEG_BYTES - 2);
    pack.push(Buffer.alloc(ENTRY_BYTES), jpeg);
    const offsetBytes = FILE_HEAD_BYTES + number * (ENTRY_BYTES + JPEG_BYTES) + ENTRY_BYTES;
    return { offsetBytes, jpegBytes: JPEG_BYTES, widthPx: 320, heightPx: 180, jpegCrc32: crc32(jpeg) };
  });
  const index = [encodeFileHead("index")];
  for (let number = 0; number < entries; number++) {
    const picture = pictures[number % PICTURES] as (typeof pictures)[number];
    index.push(encodeEntry({ ...picture, captureWallUs: startOfDayUs(day) + number * 5e6 }));
  }
  writeFileSync(files.pack, Buffer.concat(pack));
  writeFileSync(files.index, Buffer.concat(index));
}
