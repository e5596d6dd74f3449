/** The programs of docs/guide/read-frames-from-anything.md, run as they stand there, from a directory of their own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  AudioRingWriter,
  ByteRingWriter,
  describeResults,
  encodeResultJson,
  type FrameMeta,
  ImuRingWriter,
  RECORD_TYPES,
  SlotRingWriter,
} from "../src/index.ts";
import { type Child, nextLine, startCommand } from "./support/child.ts";
import { grayMeta, packetMeta } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/guide/read-frames-from-anything.md"), "utf8");
const elsewhere = mkdtempSync(`${tmpdir()}/lanthorn-guide-`);

/** The page's programs by the file name in their first line. */
function programsOf(page: string): Map<string, string> {
  const blocks = page.matchAll(/^```(?:c|ts|python)\n((?:\/\*|\/\/|#) (\S+): .*\n(?:.*\n)*?)^```$/gm);
  return new Map([...blocks].map(([, text = "", file = ""]) => [file, text]));
}

const WIDTH_PX = 64;
const HEIGHT_PX = 36;
const STRIDE_BYTES = 80; // longer than a row: who ignores it sees the 255 in between

function frameMeta(): Omit<FrameMeta, "sequence" | "publishMonoNs"> {
  const chromaAt = STRIDE_BYTES * HEIGHT_PX;
  const planes = [0, chromaAt].map((offsetBytes) => ({ offsetBytes, strideBytes: STRIDE_BYTES }));
  return { ...grayMeta(WIDTH_PX, HEIGHT_PX), planes, bytes: (chromaAt * 3) / 2, pixelFormat: "nv12" };
}

/** Publishes frames whose brightness is 10 + sequence, modulo 200, until the signal is aborted. */
async function writeFrames(name: string, signal: AbortSignal): Promise<void> {
  using writer = SlotRingWriter.create({ name, slots: 4, slotBytes: STRIDE_BYTES * HEIGHT_PX * 2 });
  for (let sequence = 1; !signal.aborted; sequence++) {
    const { index, bytes } = writer.reserve();
    bytes.fill(255);
    for (let row = 0; row < HEIGHT_PX; row++) {
      bytes.fill(10 + (sequence % 200), row * STRIDE_BYTES, row * STRIDE_BYTES + WIDTH_PX);
    }
    writer.publish(index, frameMeta());
    await setTimeout(10);
  }
}

/** Runs `use` while `write` goes on; what either throws is thrown. */
async function meanwhile(write: (signal: AbortSignal) => Promise<void>, use: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const writing = write(stop.signal);
  try {
    await Promise.race([use(), writing.then(() => assert.fail("the writer ended by itself"))]);
  } finally {
    stop.abort();
    await writing;
  }
}

/** Starts one of the page's programs as the page says. */
function start(file: string, ring: string): Child {
  const stem = file.replace(/\.\w+$/, "");
  switch (file.slice(stem.length)) {
    case ".c":
      execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", stem, file], { cwd: elsewhere });
      return startCommand(join(elsewhere, stem), [ring], elsewhere);
    case ".py":
      return startCommand("/usr/bin/python3", ["-B", file, ring], elsewhere);
    default:
      return startCommand(process.execPath, [file, ring], elsewhere);
  }
}

const programs = programsOf(PAGE);

before(() => {
  for (const [file, text] of programs) {
    writeFileSync(join(elsewhere, file), text);
  }
  copyFileSync(join(ROOT, "native/rings/readers/python/lanthorn_rings.py"), join(elsewhere, "lanthorn_rings.py"));
  copyFileSync(join(ROOT, "native/rings/readers/c/lanthorn_rings.h"), join(elsewhere, "lanthorn_rings.h"));
  mkdirSync(join(elsewhere, "node_modules"));
  symlinkSync(join(ROOT, "node_modules/@lanthorn"), join(elsewhere, "node_modules/@lanthorn"));
});

after(() => rmSync(elsewhere, { recursive: true, force: true }));

test("the page has its programs, and names files that exist", () => {
  assert.deepEqual([...programs.keys()].sort(), [
    "frames.c",
    "frames.py",
    "frames.ts",
    "motion.py",
    "results.ts",
    "sound.c",
  ]);
  const paths = [...PAGE.matchAll(/\bnative\/[\w./-]*\w/g)].map(([path]) => path);
  assert.ok(paths.length >= 2);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});

describe("the page's programs", { timeout: 180_000 }, () => {
  for (const file of ["frames.py", "frames.c", "frames.ts"]) {
    test(`${file} prints the brightness of live frames, and goes on with the next writer`, async () => {
      const name = testRingName();
      const child = start(file, name); // before there is a writer
      const readFrames = async () => {
        let last = 0;
        for (let i = 0; i < 4; i++) {
          const line = await nextLine(child);
          const [, sequence] = /^frame (\d+): 64x36 nv12, brightness \d+\.0$/.exec(line) ?? [];
          assert.ok(Number(sequence) > last, line);
          last = Number(sequence);
          assert.ok(line.endsWith(` ${10 + (last % 200)}.0`), line);
        }
      };
      await meanwhile((signal) => writeFrames(name, signal), readFrames);
      await meanwhile(
        (signal) => writeFrames(name, signal),
        async () => {
          for (let line = await nextLine(child); line !== "a new writer"; line = await nextLine(child)) {
            assert.match(line, /^frame /);
          }
          await readFrames();
        },
      );
      await child.kill();
    });
  }

  test("sound.c prints how loud live sound is", async () => {
    const name = testRingName();
    const child = start("sound.c", name);
    const write = async (signal: AbortSignal) => {
      using writer = AudioRingWriter.create({
        name,
        sensor: "stereo",
        codec: "pcm_s16le",
        sampleRateHz: 8000,
        channels: 2,
      });
      const samples = Int16Array.from({ length: 160 }, (_, i) => (i === 77 ? -16_384 : i));
      while (!signal.aborted) {
        const { captureMonoNs, captureWallUs } = packetMeta();
        writer.write(samples, { captureMonoNs, captureWallUs });
        await setTimeout(10);
      }
    };
    await meanwhile(write, async () => {
      for (let i = 0; i < 3; i++) {
        assert.match(
          await nextLine(child),
          /^sound \d+: 80 samples of 2 channels at 8000 Hz, peak 0\.500, 0 lost before$/,
        );
      }
    });
    await child.kill();
  });

  test("motion.py prints live samples of every sensor", async () => {
    using writer = ImuRingWriter.create({ name: testRingName(), sensor: "imu", sampleRateHz: 100 });
    const { captureMonoNs: monoNs, captureWallUs } = packetMeta();
    const child = start("motion.py", writer.name);
    writer.write(
      [
        { monoNs, sensor: "accelerometer", x: 0, y: 0.25, z: 9.81 },
        { monoNs, sensor: "magnetometer", x: 20, y: -5.5, z: 43.125 },
      ],
      captureWallUs,
    );
    assert.equal(await nextLine(child), "accelerometer 0.000 0.250 9.810");
    assert.equal(await nextLine(child), "magnetometer 20.000 -5.500 43.125");
    await child.kill();
  });

  test("results.ts prints live results, and ends with their writer", async () => {
    const writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
    writer.describe(describeResults({ camera: "porch" }));
    writer.append(packetMeta({ type: RECORD_TYPES.result, key: true }), encodeResultJson({ person: 0.5 }));
    const child = start("results.ts", writer.name);
    assert.equal(await nextLine(child), 'result 1: {"person":0.5}');
    writer.close();
    assert.equal(await child.ended, 0);
  });
});
