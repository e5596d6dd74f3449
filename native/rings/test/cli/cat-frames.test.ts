import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeDepth, FrameRingWriter, type PlaneView, SlotRingReader } from "../../src/index.ts";
import { nextLine, startProgram } from "../support/child.ts";
import { testRingName } from "../support/ring-names.ts";
import { repeat, runInTerminal, runTool, startCommand, temporaryFolder } from "../support/tool.ts";

const WIDTH_PX = 30;
const HEIGHT_PX = 14;
const CAPTURE = { captureMonoNs: 1n, captureWallUs: 1n };

function createRing(
  pixelFormat: string,
  description: object = {},
  color: { colorSpace?: string; colorRange?: string } = {},
) {
  return FrameRingWriter.create({
    name: testRingName(),
    pixelFormat,
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    description,
    ...color,
  });
}

/** Fills every sample by plane, row, column and channel; frame n differs from frame n + 1. */
function draw(ring: FrameRingWriter, number: number, sample = (at: number) => (at * 7) % 256): void {
  ring.write(
    (planes: readonly PlaneView[]) => {
      planes.forEach(({ samples, rows, columns, channels, strideSamples }, plane) => {
        for (let row = 0; row < rows; row++) {
          for (let i = 0; i < columns * channels; i++) {
            samples[row * strideSamples + i] = sample(number * 50 + plane * 31 + row * 5 + i);
          }
        }
      });
    },
    { ...CAPTURE, pts90k: BigInt(number) * 3000n },
  );
}

/** The newest frame's bytes. Rows of these rings have no padding. */
function newestBytes(name: string): Buffer {
  using reader = SlotRingReader.open(name);
  const lease = reader.leaseNewest();
  assert.ok(lease);
  const bytes = Buffer.from(lease.bytes);
  lease.release();
  return bytes;
}

/** What FFmpeg makes of a file or of raw frames. */
async function ffmpeg(input: string[], pixelFormat: string, stdin?: Buffer): Promise<Buffer> {
  const output = ["-f", "rawvideo", "-pix_fmt", pixelFormat, "-"];
  const { stdout, stderr, code } = await startCommand("ffmpeg", ["-v", "error", ...input, ...output], stdin).ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

function largestDifference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
}

test("PNG of packed formats hold exactly the frame's samples", async () => {
  const folder = temporaryFolder();
  for (const pixelFormat of ["rgb24", "bgr24", "gray", "rgba", "gray16le"]) {
    using ring = createRing(pixelFormat);
    draw(ring, 1, (at) => (pixelFormat === "gray16le" ? (at * 1237) % 65_536 : (at * 7) % 256));
    const file = join(folder, `${pixelFormat}.png`);
    const { code, stderr } = await runTool("cat", ring.name, "-o", file);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.deepEqual(await ffmpeg(["-i", file], pixelFormat), newestBytes(ring.name), pixelFormat);
  }
});

test("PNG of YCbCr formats show the colours that FFmpeg computes, in each matrix and range", async () => {
  const folder = temporaryFolder();
  const cases = [
    { pixelFormat: "nv12", colorSpace: "bt709", colorRange: "tv" },
    { pixelFormat: "yuv420p", colorSpace: "smpte170m", colorRange: "tv" },
    { pixelFormat: "yuv444p", colorSpace: "bt709", colorRange: "pc" },
    { pixelFormat: "nv21", colorSpace: "smpte170m", colorRange: "pc" },
    { pixelFormat: "yuv420p10le", colorSpace: "bt709", colorRange: "tv" },
    { pixelFormat: "p010le", colorSpace: "bt709", colorRange: "tv" },
  ];
  for (const { pixelFormat, colorSpace, colorRange } of cases) {
    using ring = createRing(pixelFormat, {}, { colorSpace, colorRange });
    // Of one colour: how chroma is interpolated between samples is a matter of taste, the matrix is not.
    const of8 = { luma: 120, blue: 90, red: 170 };
    const scale = pixelFormat === "p010le" ? 256 : pixelFormat === "yuv420p10le" ? 4 : 1;
    ring.write(
      ([luma, first, second]) => {
        luma?.samples.fill(of8.luma * scale);
        const chroma = pixelFormat === "nv21" ? [of8.red, of8.blue] : [of8.blue, of8.red];
        first?.samples.forEach((_, i, samples) => {
          samples[i] = (second === undefined ? (chroma[i % 2] ?? 0) : of8.blue) * scale;
        });
        second?.samples.fill(of8.red * scale);
      },
      { ...CAPTURE, pts90k: 0n },
    );
    const file = join(folder, `${pixelFormat}.png`);
    assert.equal((await runTool("cat", ring.name, "-o", file)).code, 0);
    const shown = await ffmpeg(["-i", file], "rgb24");
    const raw = ["-f", "rawvideo", "-pixel_format", pixelFormat, "-video_size", `${WIDTH_PX}x${HEIGHT_PX}`, "-i", "-"];
    const matrix = `scale=in_color_matrix=${colorSpace === "bt709" ? "bt709" : "bt601"}:in_range=${colorRange}:flags=accurate_rnd+full_chroma_int`;
    const expected = await ffmpeg([...raw, "-vf", matrix], "rgb24", newestBytes(ring.name));
    assert.ok(
      largestDifference(shown, expected) <= 2,
      `${pixelFormat}: ${shown.subarray(0, 3).join()} ${expected.subarray(0, 3).join()}`,
    );
  }
});

test("float depth becomes 16 bits of millimetres, or of its own range when its unit is not known; both are said", async () => {
  const folder = temporaryFolder();
  using depth = createRing("grayf32le", describeDepth({ sensor: "test", pixelFormat: "grayf32le" }));
  draw(depth, 1, (at) => [0, 0.5, 2.25, 100, Number.NaN][at % 5] ?? 0);
  const inMetres = await runTool("cat", depth.name, "-o", join(folder, "metres.png"));
  assert.match(inMetres.stderr, /millimetres/);
  const millimetres = await ffmpeg(["-i", join(folder, "metres.png")], "gray16le");
  assert.deepEqual(
    new Set(
      new Uint16Array(millimetres.buffer.slice(millimetres.byteOffset, millimetres.byteOffset + millimetres.length)),
    ),
    new Set([0, 500, 2250, 65_535]),
  );
  using plain = createRing("grayf32le");
  draw(plain, 1, (at) => (at % 2 === 0 ? -1 : 3));
  const scaled = await runTool("cat", plain.name, "-o", join(folder, "plain.png"));
  assert.match(scaled.stderr, /0 is -1, 65535 is 3/);
});

test("a pattern writes many PNG, numbered from 1; without one, several are refused", async () => {
  using ring = createRing("gray");
  const frames = repeat(5, (count) => draw(ring, count));
  const folder = temporaryFolder();
  const { code } = await runTool("cat", ring.name, "--frames", "3", "-o", join(folder, "frame-%03d.png"));
  const refused = await runTool("cat", ring.name, "--frames", "3", "-o", join(folder, "one.png"));
  await frames.stop();
  assert.equal(code, 0);
  assert.deepEqual(readdirSync(folder).toSorted(), ["frame-001.png", "frame-002.png", "frame-003.png"]);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /%06d\.png/);
});

test("Y4M of nv12, yuv420p and gray plays in FFmpeg with every sample, at the source's rate", async () => {
  const folder = temporaryFolder();
  for (const [pixelFormat, decoded] of [
    ["nv12", "nv12"],
    ["yuv420p", "yuv420p"],
    ["gray", "gray"],
  ] as const) {
    using ring = createRing(pixelFormat, {}, { colorRange: "tv" });
    const drawn: Buffer[] = [];
    const drawNext = () => {
      draw(ring, drawn.length);
      drawn.push(newestBytes(ring.name));
    };
    drawNext();
    const running = runTool("cat", ring.name, "--frames", "5", "-o", join(folder, `${pixelFormat}.y4m`));
    const frames = repeat(10, () => drawNext());
    const { code, stderr } = await running;
    await frames.stop();
    assert.equal(code, 0, stderr);
    const file = join(folder, `${pixelFormat}.y4m`);
    const probe = [
      "-v",
      "error",
      "-count_frames",
      "-show_entries",
      "stream=width,height,r_frame_rate,nb_read_frames",
      "-of",
      "json",
      file,
    ];
    const { streams } = JSON.parse((await startCommand("ffprobe", probe).ended).stdout.toString()) as {
      streams: object[];
    };
    assert.deepEqual(streams, [{ width: WIDTH_PX, height: HEIGHT_PX, r_frame_rate: "30/1", nb_read_frames: "5" }]);
    const shown = await ffmpeg(["-i", file], decoded);
    const frameBytes = shown.length / 5;
    const numbers = Array.from({ length: 5 }, (_, i) => {
      const one = shown.subarray(i * frameBytes, (i + 1) * frameBytes);
      return drawn.findIndex((frame) => frame.equals(one));
    });
    assert.ok(
      numbers[0] !== -1 && numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
      numbers.join(),
    );
  }
});

test("raw frames lose the padding of their rows, and how to play them is said", async () => {
  using ring = FrameRingWriter.create({
    name: testRingName(),
    pixelFormat: "rgb24",
    widthPx: 5,
    heightPx: 3,
    description: {},
  });
  ring.write(
    ([plane]) =>
      plane?.samples.forEach((_, i, samples) => {
        samples[i] = i;
      }),
    { ...CAPTURE, pts90k: 0n },
  );
  const { stdout, stderr, code } = await runTool("cat", ring.name, "--frames", "1", "--format", "raw");
  assert.equal(code, 0);
  assert.deepEqual(stdout, newestBytes(ring.name));
  assert.match(stderr, /ffplay -f rawvideo -pixel_format rgb24 -video_size 5x3/);
});

test("what Y4M cannot hold is refused with what to do instead, and no file is left", async () => {
  using ring = createRing("rgb24");
  draw(ring, 1);
  const folder = temporaryFolder();
  const { code, stderr } = await runTool("cat", ring.name, "--frames", "1", "-o", join(folder, "a.y4m"));
  assert.equal(code, 1);
  assert.match(stderr, /rgb24; write PNG/);
  assert.deepEqual(readdirSync(folder), []);
});

test("the last frame of a killed writer can still be seen; more than that one is too much to ask", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "5");
  await nextLine(writer);
  await writer.kill();
  const file = join(temporaryFolder(), "last.png");
  assert.equal((await runTool("cat", name, "-o", file)).code, 0);
  assert.equal(readFileSync(file).readUInt32BE(16), 320); // IHDR: width
  const { code, stderr } = await runTool("cat", name, "--frames", "2", "--format", "raw");
  assert.equal(code, 1);
  assert.match(stderr, /Expected 2 from ring .* but 1 came before its writer ended/);
});

test("bytes that a terminal cannot show are refused, not sent to it", async () => {
  using ring = createRing("gray");
  draw(ring, 1);
  const { code, output } = await runInTerminal(80, ["cat", ring.name]);
  assert.equal(code, 64);
  assert.match(output.replaceAll("\r\n", ""), /standard output is a terminal: add -o FILE/);
});
