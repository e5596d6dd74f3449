/** Previews are made of what is decoded anyway: as far apart as asked, without a seat in the frame ring, whatever becomes of it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { CAMERA_RINGS, CameraId, decodePreview, ringName } from "@lanthorn/contract";
import { ByteRingReader, type ReadRecord, SlotRingWriter } from "@lanthorn/rings";
import { FakeClock } from "@lanthorn/testing";
import { FrameScratchMemory, PreviewMaker } from "../../src/previews/preview-maker.ts";
import { PreviewMakers } from "../../src/previews/preview-makers.ts";

const CAMERA = CameraId.parse("street");

/** A camera's frame ring, written by the test, and the maker that looks at it. */
class Scene {
  readonly ringPrefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
  readonly clock = new FakeClock();
  readonly maker: PreviewMaker;
  frames: SlotRingWriter;

  constructor(widthPx = 640, heightPx = 360) {
    this.frames = this.#makeFrames(widthPx, heightPx);
    this.maker = new PreviewMaker({
      ...{ camera: CAMERA, ringPrefix: this.ringPrefix, clock: this.clock, intervalMs: 5000 },
      ...{ maxWidthPx: 320, qualityPct: 60, capacityBytes: CAMERA_RINGS.previewsMiB * 2 ** 20 },
      scratch: new FrameScratchMemory(),
    });
  }

  #makeFrames(widthPx: number, heightPx: number): SlotRingWriter {
    const slotBytes = widthPx * heightPx * 1.5;
    return SlotRingWriter.create({ name: ringName(this.ringPrefix, CAMERA, "frames"), slots: 4, slotBytes });
  }

  /** Another size is another ring under the same name. */
  resize(widthPx: number, heightPx: number): void {
    this.frames.close();
    this.frames = this.#makeFrames(widthPx, heightPx);
  }

  /** Publishes a grey picture taken now. */
  publish(widthPx = 640, heightPx = 360, pixelFormat = "yuv420p"): void {
    const { index, bytes } = this.frames.reserve();
    bytes.fill(128);
    const luma = widthPx * heightPx;
    this.frames.publish(index, {
      captureMonoNs: this.clock.monoNs(),
      captureWallUs: BigInt(this.clock.wallUs()),
      arrivalMonoNs: this.clock.monoNs(),
      pts90k: 0n,
      sourceSequence: 1n,
      ...{ widthPx, heightPx, key: true, bytes: luma * 1.5, pixelFormat, colorSpace: "bt709", colorRange: "tv" },
      planes: [
        { offsetBytes: 0, strideBytes: widthPx },
        { offsetBytes: luma, strideBytes: widthPx / 2 },
        { offsetBytes: luma * 1.25, strideBytes: widthPx / 2 },
      ],
    });
  }

  /** Everything in the ring of previews. */
  records(): ReadRecord[] {
    using reader = ByteRingReader.open(ringName(this.ringPrefix, CAMERA, "previews"));
    reader.seek("oldest");
    const records: ReadRecord[] = [];
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      records.push(record);
    }
    return records;
  }

  [Symbol.dispose](): void {
    this.maker.close();
    this.frames.close();
  }
}

test("a preview is the newest frame, small, with the time it was taken", () => {
  using scene = new Scene();
  scene.publish();
  const takenWallUs = scene.clock.wallUs();
  assert.equal(scene.maker.turn(), true);
  const [record, more] = scene.records();
  assert.ok(record !== undefined && more === undefined);
  const preview = decodePreview(record.payload);
  assert.deepEqual(preview?.header, { camera: CAMERA, captureWallUs: takenWallUs, widthPx: 320, heightPx: 180 });
  assert.equal(Number(record.meta.captureWallUs), takenWallUs);
  assert.equal(preview?.jpeg.subarray(0, 2).toString("hex"), "ffd8");
  assert.equal(preview?.jpeg.subarray(-2).toString("hex"), "ffd9");
});

test("pictures lie at least the interval apart, and a camera that stands still gives no picture twice", async () => {
  using scene = new Scene();
  for (let frame = 0; frame < 30; frame++) {
    scene.publish(); // a key frame a second
    scene.maker.turn();
    scene.maker.turn();
    await scene.clock.advance(1000);
  }
  const times = scene.records().map(({ meta }) => Number(meta.captureWallUs));
  assert.equal(times.length, 6);
  assert.ok(times.slice(1).every((at, index) => at - (times[index] ?? at) >= 5_000_000));
  await scene.clock.advance(60_000);
  assert.equal(scene.maker.turn(), false); // the last frame was taken 4 s after the last picture, whenever one looks
  scene.publish();
  assert.equal(scene.maker.turn(), true);
  await scene.clock.advance(60_000);
  assert.equal(scene.maker.turn(), false);
});

test("looking at frames takes no seat: the decoder does not see a reader, and decodes key frames only", async () => {
  using scene = new Scene();
  scene.publish();
  scene.maker.turn();
  await scene.clock.advance(5000);
  scene.publish();
  assert.equal(scene.maker.turn(), true);
  assert.equal(scene.frames.readers(), 0);
});

test("previews go on when the camera changes its size, and wait without a word when there is no frame ring", async () => {
  using scene = new Scene();
  scene.publish();
  assert.equal(scene.maker.turn(), true);
  scene.resize(1280, 720);
  await scene.clock.advance(6000);
  scene.publish(1280, 720);
  scene.maker.turn(); // finds that the ring it knew is gone
  assert.equal(scene.maker.turn(), true);
  scene.frames.close();
  await scene.clock.advance(6000);
  assert.equal(scene.maker.turn(), false);
  assert.equal(scene.maker.turn(), false);
  assert.deepEqual([scene.maker.row().made, scene.maker.row().errors], [2, 0]);
});

test("a frame that no picture can be made of is counted once an interval, and told in the row", async () => {
  using scene = new Scene();
  scene.publish(640, 360, "nonsense");
  for (let turn = 0; turn < 10; turn++) {
    assert.equal(scene.maker.turn(), false);
  }
  assert.equal(scene.maker.row().errors, 1);
  assert.match(scene.maker.row().lastError ?? "", /nonsense/);
  await scene.clock.advance(6000);
  scene.publish();
  assert.equal(scene.maker.turn(), true);
});

test("makers come and go with their cameras, and one that takes long makes the next look begin with another", async () => {
  const clock = new FakeClock();
  const turns: string[] = [];
  const closed: string[] = [];
  const warnings: string[] = [];
  let cameras = ["a", "b", "c"];
  let listener = () => {};
  const slow: Parameters<typeof clock.advance>[0][] = [];
  const makers = new PreviewMakers({
    clock: { ...pick(clock), monoNs: () => (clock.monoNs() + BigInt(slow.length) * 11_000_000n) as never },
    log: { warn: (_fields, message) => warnings.push(message) },
    list: {
      cameras: () => cameras.map((id) => ({ id: CameraId.parse(id), enabled: true })),
      onChange: (callback) => {
        listener = callback;
        return () => {};
      },
    },
    openMaker: (camera) => ({
      turn: () => {
        turns.push(camera);
        slow.push(11); // every turn takes 11 ms
        return true;
      },
      row: () => ({ id: camera, made: 0, errors: 3, lastError: "no", lastWallUs: null, meanMs: 0 }),
      close: () => closed.push(camera),
    }),
  });
  makers.start();
  await clock.advance(800);
  assert.deepEqual(turns, ["a", "b", "c", "a"]);
  cameras = ["c"];
  listener();
  assert.deepEqual(closed, ["a", "b"]);
  await clock.advance(60_000);
  assert.deepEqual(warnings, ["3 previews not made, last was: no"]);
  makers.stop();
  makers.stop();
  assert.deepEqual(closed, ["a", "b", "c"]);
});

/** A clock's methods as a plain object. */
function pick(clock: FakeClock) {
  return {
    wallUs: () => clock.wallUs(),
    sleep: clock.sleep.bind(clock),
    every: clock.every.bind(clock),
  };
}
