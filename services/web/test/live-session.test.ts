import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ByteRingWriter, RECORD_TYPES } from "@lanthorn/rings";
import { waitUntil } from "@lanthorn/testing";
import { type LiveCounts, LiveSession, type LiveSocket, parseLiveRequest } from "../src/live/live-session.ts";

const DESCRIPTION = {
  camera: "street",
  streams: [
    { index: 0, type: "video", codec: "h264", widthPx: 64, heightPx: 64, extradata: "", codecString: "avc1.64001f" },
  ],
};

/** A viewer whose network the test holds in its hand. */
class FakeSocket implements LiveSocket {
  bufferedAmount = 0;
  closed: string | undefined;
  readonly texts: Record<string, unknown>[] = [];
  readonly frames: { key: boolean; fresh: boolean; pts90k: number }[] = [];

  send(data: string | Buffer): void {
    if (typeof data === "string") {
      this.texts.push(JSON.parse(data) as Record<string, unknown>);
    } else {
      const flags = data.readUInt8(1);
      this.frames.push({ key: (flags & 1) !== 0, fresh: (flags & 2) !== 0, pts90k: data.readUIntLE(2, 6) });
    }
  }

  close(_code: number, reason: string): void {
    this.closed = reason;
  }
}

class Scene {
  readonly ring = `lanthorn-test-${randomBytes(6).toString("hex")}.street.packets`;
  readonly socket = new FakeSocket();
  readonly counts: LiveCounts = { framesSent: 0, framesDropped: 0 };
  readonly #leave = new AbortController();
  writer: ByteRingWriter | undefined;
  done: Promise<void> = Promise.resolve();

  openRing(description: object = DESCRIPTION): void {
    this.writer = ByteRingWriter.create({ name: this.ring, capacityBytes: 1 << 20 });
    this.writer.describe(description);
  }

  write(pts90k: number, change: { key?: boolean; discontinuity?: boolean; streamIndex?: number } = {}): void {
    const now = systemClock.monoNs();
    this.writer?.append(
      {
        captureMonoNs: now,
        captureWallUs: 1_000_000n + BigInt(pts90k),
        arrivalMonoNs: now,
        pts90k: BigInt(pts90k),
        dts90k: BigInt(pts90k),
        duration90k: 6000,
        type: RECORD_TYPES.packet,
        key: false,
        discontinuity: false,
        streamIndex: 0,
        ...change,
      },
      Buffer.alloc(100),
    );
  }

  watch(type: "webcodecs" | "mse" = "webcodecs", value = "avc1.640033"): void {
    const { socket, ring, counts } = this;
    const session = new LiveSession(
      { socket, camera: "street", ring, clock: systemClock, highWaterBytes: 1000, counts },
      { type, value },
    );
    this.done = session.run(this.#leave.signal);
  }

  async frames(count: number): Promise<number[]> {
    await waitUntil(`${count} frames`, () => this.socket.frames.length >= count);
    return this.socket.frames.map(({ pts90k }) => pts90k);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.done;
    this.writer?.close();
  }
}

test("a viewer starts with the newest key frame, and hears the codec first", async () => {
  await using scene = new Scene();
  scene.openRing();
  scene.write(0, { key: true });
  scene.write(6000);
  scene.write(12000, { key: true });
  scene.write(18000);
  scene.watch();
  assert.deepEqual(await scene.frames(2), [12000, 18000]);
  assert.deepEqual(scene.socket.texts, [{ type: "webcodecs", value: "avc1.64001f", widthPx: 64, heightPx: 64 }]);
  assert.deepEqual(scene.socket.frames[0], { key: true, fresh: true, pts90k: 12000 });
  assert.equal(scene.socket.frames[1]?.fresh, false);
});

test("a slow viewer loses frames up to the next key frame that comes after it has caught up", async () => {
  await using scene = new Scene();
  scene.openRing();
  scene.write(0, { key: true });
  scene.watch();
  await scene.frames(1);
  scene.socket.bufferedAmount = 1001;
  scene.write(6000);
  scene.write(12000, { key: true }); // still behind: this key frame is of no use
  await waitUntil("dropping", () => scene.counts.framesDropped === 2);
  scene.socket.bufferedAmount = 0;
  scene.write(18000); // decodable only with those that were dropped
  scene.write(24000, { key: true });
  scene.write(30000);
  assert.deepEqual(await scene.frames(3), [0, 24000, 30000]);
  assert.deepEqual(scene.socket.frames[1], { key: true, fresh: true, pts90k: 24000 });
  assert.deepEqual(scene.counts, { framesSent: 3, framesDropped: 3 });
});

test("a discontinuity waits for the next key frame", async () => {
  await using scene = new Scene();
  scene.openRing();
  scene.write(0, { key: true });
  scene.watch();
  await scene.frames(1);
  scene.write(6000, { discontinuity: true });
  scene.write(90000, { key: true });
  assert.deepEqual(await scene.frames(2), [0, 90000]);
});

test("a camera without a ring is waited for, told once, and shown when it comes and when it comes again", async () => {
  await using scene = new Scene();
  scene.watch();
  await waitUntil("word of waiting", () => scene.socket.texts.length > 0);
  scene.openRing();
  scene.write(0, { key: true });
  await scene.frames(1);
  scene.writer?.close();
  await waitUntil("word of the loss", () => scene.socket.texts.filter(({ type }) => type === "waiting").length === 2);
  scene.openRing();
  scene.write(500, { key: true });
  assert.deepEqual(await scene.frames(2), [0, 500]);
  const types = scene.socket.texts.map(({ type }) => type);
  assert.deepEqual(types, ["waiting", "webcodecs", "waiting", "webcodecs"]);
});

test("a browser that cannot play the codec is told so by WEB_CODEC_UNSUPPORTED", async () => {
  await using scene = new Scene();
  scene.openRing({
    camera: "street",
    streams: [
      {
        index: 0,
        type: "video",
        codec: "hevc",
        widthPx: 64,
        heightPx: 64,
        extradata: "",
        codecString: "hvc1.1.6.L93.B0",
      },
    ],
  });
  scene.write(0, { key: true });
  scene.watch("webcodecs", "avc1.640033");
  await scene.done;
  assert.equal(scene.socket.closed, "WEB_CODEC_UNSUPPORTED");
  assert.match(JSON.stringify(scene.socket.texts), /street sends hvc1\.1\.6\.L93\.B0/);
});

test("a packet that cannot be muxed costs frames up to the next key frame, not the viewer", async () => {
  await using scene = new Scene();
  scene.openRing(); // no parameter sets anywhere: no MP4 can be made of it
  scene.write(0, { key: true });
  scene.write(6000);
  scene.watch("mse", "avc1.640033");
  await waitUntil("drops", () => scene.counts.framesDropped >= 1);
  assert.equal(scene.socket.closed, undefined);
});

test("a first message that is none is refused with what was expected", () => {
  for (const text of ["", "hello", "{}", '{"type":"mjpeg","value":""}', '{"type":"mse"}', "[]"]) {
    assert.throws(() => parseLiveRequest(text), { code: "WEB_LIVE_MESSAGE_INVALID" }, text);
  }
  assert.deepEqual(parseLiveRequest('{"type":"mse","value":"avc1.640033"}'), { type: "mse", value: "avc1.640033" });
});
