/** The service as the process it is: packet ring fed from a made stream → frame ring read here, beside a camera that sends garbage. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import { DecodeStatus } from "@lanthorn/contract";
import { TsDemuxer } from "@lanthorn/media";
import { SlotRingReader } from "@lanthorn/rings";
import { makeTemporaryHome, makeTestMedia, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";
import type { PreviewRow } from "../src/previews/preview-maker.ts";

/** Registers cameras by the service that owns the registry, and stops it: the directory outlives it. */
async function register(home: TemporaryHome, ids: readonly string[]): Promise<void> {
  await using _cameras = await startService("cameras", home);
  for (const id of ids) {
    const json = { id, name: id, source: { kind: "srt-listener" } };
    await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json });
  }
}

/** Feeds a file into a camera's packet ring, over and over at its own rate, its bytes changed by `spoil`. */
class Feeder {
  readonly demuxer: TsDemuxer;
  readonly #stop: () => void;

  constructor(home: TemporaryHome, id: string, file: string, spoil: (bytes: Buffer) => void = () => {}) {
    this.demuxer = new TsDemuxer({ packetRing: `${home.ringPrefix}.${id}.packets`, cameraId: id });
    const bytes = readFileSync(file);
    const step = Math.ceil(bytes.length / 188 / 100) * 188; // 100 steps of 40 ms: 4 s
    let at = 0;
    this.#stop = systemClock.every(40, () => {
      if (at >= bytes.length) {
        at = 0;
        this.demuxer.discontinuity();
      }
      const piece = Buffer.from(bytes.subarray(at, at + step));
      spoil(piece);
      this.demuxer.push(piece);
      at += step;
    });
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.demuxer.close();
  }
}

const status = async (home: TemporaryHome) =>
  DecodeStatus.parse(await requestJson(home.runDir, "decode", { path: "/status" })).cameras;

const previews = async (home: TemporaryHome, camera: string) => {
  const body = await requestJson<{ previews: PreviewRow[] }>(home.runDir, "decode", { path: "/status" });
  const row = body.previews.find(({ id }) => id === camera);
  assert.ok(row);
  return row;
};

test("frames follow their reader, key frames come when nobody reads, and a camera of garbage disturbs nobody", async () => {
  using home = makeTemporaryHome();
  await register(home, ["garbage", "street"]);
  const file = await makeTestMedia({ durationS: 4, fps: 15, gopFrames: 15, container: "ts" });
  using _street = new Feeder(home, "street", file);
  using _garbage = new Feeder(home, "garbage", file, (bytes) => {
    for (let at = 60; at < bytes.length; at += 97) {
      if (at % 188 > 12) {
        bytes[at] = at & 0xff;
      }
    }
  });
  await using service = await startService("decode", home, { watchdogMs: 1000 });
  const street = async () => {
    const row = (await status(home)).find(({ id }) => id === "street");
    assert.ok(row);
    return row;
  };

  // nobody reads: pictures come, at the rate of key frames only
  const alone = await waitUntil("the first key frames", async () => {
    const row = await street();
    return row.framesPublished >= 2 && row;
  });
  assert.equal(alone.demand, "key");
  assert.ok(alone.framesDecoded <= 8, `${alone.framesDecoded} frames decoded for nobody`);
  await waitUntil("a preview picture", async () => (await previews(home, "street")).made > 0);
  assert.equal((await street()).demand, "key", "previews ask for nothing more");

  // somebody reads: every frame
  const reader = SlotRingReader.open(`${home.ringPrefix}.street.frames`);
  const latenciesMs: number[] = [];
  let last = 0n;
  let sequences = 0;
  while (sequences < 30) {
    assert.equal(await reader.wait(last, 5000), "ready");
    const lease = reader.leaseNewest(last);
    if (lease === undefined) {
      continue;
    }
    assert.deepEqual([lease.frame.widthPx, lease.frame.heightPx, lease.frame.pixelFormat], [320, 180, "yuv420p"]);
    latenciesMs.push(Number(lease.frame.publishMonoNs - lease.frame.arrivalMonoNs) / 1e6);
    last = lease.frame.sequence;
    lease.release();
    sequences += 1;
  }
  const watched = await street();
  assert.equal(watched.demand, "all");
  assert.ok(watched.fps > 5, `${watched.fps} frames a second`);
  assert.equal(watched.errors, 0, watched.lastError ?? "");
  reader.close();
  latenciesMs.sort((a, b) => a - b);
  console.log(
    `arrival to publish: median ${latenciesMs[15]?.toFixed(1)} ms, longest ${latenciesMs[29]?.toFixed(1)} ms`,
  );

  const garbage = await waitUntil("errors of the other camera", async () => {
    const row = (await status(home)).find(({ id }) => id === "garbage");
    return row !== undefined && row.errors > 0 && row;
  });
  assert.notEqual(garbage.lastError, null);
  await service.logged(/decode errors, last was: /);
  const metrics = (await requestSocket(home.runDir, "decode", { path: "/metrics" })).body.toString();
  assert.match(metrics, /lanthorn_decode_frames_published_total\{[^}]*camera="street"[^}]*\} \d+/);
  await waitUntil("WATCHDOG=1", () => service.notifications().includes("WATCHDOG=1"));
  assert.equal((await requestSocket(home.runDir, "decode", { path: "/health" })).statusCode, 200);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(
    home.shmObjects().filter((name) => name.includes(".frames")),
    [],
    "no frame ring is left behind",
  );
});

test("a killed decoder leaves the packet ring alone, and the next one takes over the frame ring's name", async () => {
  using home = makeTemporaryHome();
  await register(home, ["street"]);
  using street = new Feeder(home, "street", await makeTestMedia({ durationS: 4, container: "ts" }));
  const first = await startService("decode", home);
  await waitUntil("frames", async () => ((await status(home))[0]?.framesPublished ?? 0) > 0);
  await first.kill9();
  const before = street.demuxer.statistics().records;
  await using _second = await startService("decode", home);
  await waitUntil("frames again", async () => ((await status(home))[0]?.framesPublished ?? 0) > 0);
  assert.ok(street.demuxer.statistics().records > before);
});

test("an unknown option ends the start with words", async () => {
  using home = makeTemporaryHome();
  const service = await startService("decode", home, { arguments: ["--set", "decode.thread=2"], waitForReady: false });
  assert.notEqual((await service.ended).code, 0);
  assert.match(service.log(), /decode.*thread/s);
});
