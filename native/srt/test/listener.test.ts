import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ByteCounter, type SrtEvent, SrtListener, srtLibraryWarnings, srtTurns } from "../src/index.ts";
import { ffmpegCamera, until } from "./peers.ts";

const KEY = "correct-horse-battery-staple-1234";

interface Door {
  readonly listener: SrtListener;
  readonly counter: ByteCounter;
  readonly events: SrtEvent[];
  readonly url: string;
}

function openDoor(t: TestContext): Door {
  const listener = SrtListener.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => listener.close());
  const counter = new ByteCounter();
  listener.attach("porch", counter.sink);
  listener.setAccess([{ cameraId: "porch", streamIds: [], passphrase: KEY, enabled: true }]);
  return { listener, counter, events: [], url: `srt://127.0.0.1:${listener.port}` };
}

function saw({ listener, events }: Door, kind: SrtEvent["kind"], code = 0): SrtEvent | undefined {
  events.push(...listener.poll());
  return events.find((event) => event.kind === kind && event.code === code);
}

test("ffmpeg with AES-256 and the full stream id streams into the sink; statistics carry libsrt's names", async (t) => {
  const door = openDoor(t);
  const options = { srt_streamid: "#!::u=porch,r=porch/main,m=publish", passphrase: KEY, pbkeylen: "32" };
  const camera = ffmpegCamera({ url: door.url, options });
  t.after(() => camera.stop());
  await until("a hundred packets came", () => door.counter.read().bytes > 100 * 188);
  const connected = saw(door, "connected");
  assert.equal(connected?.cameraId, "porch");
  assert.equal(connected?.keyLengthBits, 256);
  assert.equal(connected?.latencyMs, 120);
  const statistics = door.listener.statistics("porch");
  assert.ok(statistics !== undefined && statistics.pktRecvTotal > 0 && statistics.msRTT > 0);
  assert.equal(statistics.pktRcvUndecryptTotal, 0);
  assert.equal(door.counter.read().foreignPushes, 0);
  assert.equal(door.listener.statistics("garden"), undefined);
  await camera.stop();
});

test("ffmpeg with AES-128 and a bare id is accepted and shown as 128", async (t) => {
  const door = openDoor(t);
  const camera = ffmpegCamera({ url: `${door.url}?streamid=porch&passphrase=${KEY}&pbkeylen=16` });
  t.after(() => camera.stop());
  await until("it connected", () => saw(door, "connected") !== undefined);
  assert.equal(saw(door, "connected")?.keyLengthBits, 128);
});

test("a camera that ends its stream is reported with the reason and leaves no statistics", async (t) => {
  const door = openDoor(t);
  const camera = ffmpegCamera({ url: `${door.url}?streamid=porch&passphrase=${KEY}`, seconds: 1 });
  assert.equal((await camera.ended).code, 0);
  await until("it disconnected", () => saw(door, "disconnected") !== undefined);
  assert.equal(saw(door, "disconnected")?.reason, "the camera ended the connection");
  assert.equal(door.listener.statistics("porch"), undefined);
});

test("wrong key, no key and unknown id never reach the sink, are told apart, and hold no passphrase", async (t) => {
  const door = openDoor(t);
  const wrong = "wrong-wrong-wrong-wrong";
  const cases = [
    { query: `streamid=porch&passphrase=${wrong}`, code: 10, reason: "wrong passphrase" },
    { query: "streamid=porch", code: 11, reason: "the stream is not encrypted; set the camera's passphrase" },
    { query: `streamid=nobody&passphrase=${KEY}`, code: 1404, reason: "no camera of this stream id is registered" },
    { query: `passphrase=${KEY}`, code: 1400, reason: "no stream id; set the one shown with the camera's passphrase" },
  ];
  for (const { query, code, reason } of cases) {
    const camera = ffmpegCamera({ url: `${door.url}?${query}`, seconds: 2 });
    assert.notEqual((await camera.ended).code, 0, `${query} was let in`);
    await until(`${query} was reported`, () => saw(door, "rejected", code) !== undefined);
    assert.equal(saw(door, "rejected", code)?.reason, reason);
  }
  assert.equal(saw(door, "connected"), undefined);
  assert.deepEqual(door.counter.read(), { bytes: 0, pushes: 0, discontinuities: 0, foreignPushes: 0 });
  const told = JSON.stringify(door.events, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
  assert.ok(!told.includes(KEY) && !told.includes(wrong));
});

test("a second caller of a connected camera is refused with 1409 and the first keeps streaming", async (t) => {
  const door = openDoor(t);
  const url = `${door.url}?streamid=porch&passphrase=${KEY}`;
  const first = ffmpegCamera({ url });
  t.after(() => first.stop());
  await until("the first streams", () => door.counter.read().bytes > 0);
  const second = ffmpegCamera({ url, seconds: 2 });
  assert.notEqual((await second.ended).code, 0);
  await until("it was reported", () => saw(door, "rejected", 1409) !== undefined);
  const before = door.counter.read().bytes;
  await until("the first goes on", () => door.counter.read().bytes > before);
  assert.equal(saw(door, "disconnected"), undefined);
});

test("taking a camera out of the table ends its stream within two seconds", async (t) => {
  const door = openDoor(t);
  const camera = ffmpegCamera({ url: `${door.url}?streamid=porch&passphrase=${KEY}` });
  t.after(() => camera.stop());
  await until("it streams", () => door.counter.read().bytes > 0);
  door.listener.setAccess([]);
  await until("it was dropped", () => saw(door, "disconnected") !== undefined);
  assert.equal(saw(door, "disconnected")?.reason, "access was taken back");
  const after = door.counter.read().bytes;
  await sleep(300);
  assert.equal(door.counter.read().bytes, after);
});

test("random bytes to the port do not disturb a camera that streams, and are counted as library warnings at most", async (t) => {
  const door = openDoor(t);
  const camera = ffmpegCamera({ url: `${door.url}?streamid=porch&passphrase=${KEY}` });
  t.after(() => camera.stop());
  await until("it streams", () => door.counter.read().bytes > 0);
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.alloc(1 + ((i * 7919) % 1400), i & 0xff);
    await new Promise((resolve) => socket.send(bytes, door.listener.port, "127.0.0.1", resolve));
  }
  const before = door.counter.read();
  await until("it streams on", () => door.counter.read().bytes > before.bytes);
  assert.equal(saw(door, "disconnected"), undefined);
  assert.equal(door.counter.read().foreignPushes, 0);
  assert.ok(srtLibraryWarnings() >= 0);
});

test("the turn counter moves while a listener is open, whether or not anyone sends", async (t) => {
  openDoor(t);
  const before = srtTurns();
  await until("it moved", () => srtTurns() > before);
});

test("a taken port is named together with what to do", (t) => {
  const { listener } = openDoor(t);
  assert.throws(() => SrtListener.listen({ host: "127.0.0.1", port: listener.port }), {
    name: "LanthornError",
    kind: "already-exists",
    code: "SRT_PORT_TAKEN",
    message: new RegExp(`UDP port ${listener.port} .*ss -lupn sport = :${listener.port}.*srt\\.port`),
  });
});

test("a closed port can be listened on again at once", () => {
  const first = SrtListener.listen({ host: "127.0.0.1", port: 0 });
  const { port } = first;
  first.close();
  first.close();
  SrtListener.listen({ host: "127.0.0.1", port }).close();
});

test("arguments out of range are refused by name, passphrases without repeating them", (t) => {
  const { listener } = openDoor(t);
  const entry = { cameraId: "porch", streamIds: [], passphrase: "short-key", enabled: true };
  assert.throws(
    () => listener.setAccess([entry]),
    (error: Error & { code?: string }) =>
      error.code === "SRT_PASSPHRASE_INVALID" && /camera porch/.test(error.message) && !/short-key/.test(error.message),
  );
  assert.throws(() => SrtListener.listen({ host: "127.0.0.1", port: 70_000 }), { code: "SRT_OPTION_INVALID" });
  assert.throws(() => SrtListener.listen({ host: "porch.local", port: 0 }), { code: "SRT_ADDRESS_INVALID" });
  assert.throws(() => listener.attach("porch", {} as never), { code: "SRT_SINK_INVALID" });
});

test("a process that dies of an uncaught exception with a listener and a call open ends at once", async () => {
  for (let round = 0; round < 10; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "die-with-open-sockets.ts")], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const code = await Promise.race([ended, sleep(10_000, "still running", { ref: false })]);
    child.kill("SIGKILL");
    assert.equal(code, 1);
  }
});
