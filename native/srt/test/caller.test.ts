import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { ByteCounter, SrtCaller, type SrtEvent } from "../src/index.ts";
import { ffmpegCamera, until } from "./peers.ts";

const KEY = "correct-horse-battery-staple-1234";

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** Calls until the camera is up, as services/ingest does with retry. */
async function call(port: number, counter: ByteCounter, passphrase: string): Promise<[SrtCaller, SrtEvent]> {
  for (;;) {
    const caller = SrtCaller.connect({ host: "127.0.0.1", port, passphrase, connectTimeoutMs: 500 }, counter.sink);
    const events: SrtEvent[] = [];
    await until("the call was answered", () => {
      events.push(...caller.poll());
      return events.length > 0;
    });
    const [event] = events;
    assert.ok(event !== undefined);
    if (event.reason !== "no answer") {
      return [caller, event];
    }
    caller.close();
  }
}

test("we call a camera that listens, with AES-256, and its stream reaches the sink", async (t) => {
  const port = await freePort();
  const camera = ffmpegCamera({ url: `srt://127.0.0.1:${port}?mode=listener&passphrase=${KEY}` });
  t.after(() => camera.stop());
  const counter = new ByteCounter();
  const [caller, event] = await call(port, counter, KEY);
  t.after(() => caller.close());
  assert.equal(event.kind, "connected");
  assert.equal(event.keyLengthBits, 256);
  await until("bytes came", () => counter.read().bytes > 50 * 188);
  assert.ok((caller.statistics()?.pktRecvTotal ?? 0) > 0);
  await camera.stop();
  const events: SrtEvent[] = [];
  await until("the end was told", () => {
    events.push(...caller.poll());
    return events.some(({ kind }) => kind === "disconnected");
  });
});

test("a camera that listens with another key is not received and the cause is told", async (t) => {
  const port = await freePort();
  const camera = ffmpegCamera({ url: `srt://127.0.0.1:${port}?mode=listener&passphrase=${KEY}` });
  t.after(() => camera.stop());
  const counter = new ByteCounter();
  const [caller, event] = await call(port, counter, "wrong-wrong-wrong-wrong");
  t.after(() => caller.close());
  assert.deepEqual([event.kind, event.reason], ["rejected", "wrong passphrase"]);
  assert.equal(counter.read().bytes, 0);
});

test("a call to nobody is told as no answer, and bad options are refused by name", async () => {
  const counter = new ByteCounter();
  const port = await freePort();
  const caller = SrtCaller.connect({ host: "127.0.0.1", port, passphrase: KEY, connectTimeoutMs: 200 }, counter.sink);
  const events: SrtEvent[] = [];
  await until("it gave up", () => {
    events.push(...caller.poll());
    return events.length > 0;
  });
  assert.deepEqual([events[0]?.kind, events[0]?.reason], ["rejected", "no answer"]);
  caller.close();
  caller.close();
  assert.throws(() => SrtCaller.connect({ host: "127.0.0.1", port: 0 }, counter.sink), { code: "SRT_OPTION_INVALID" });
  assert.throws(() => SrtCaller.connect({ host: "cam", port: 1 }, counter.sink), { code: "SRT_ADDRESS_INVALID" });
  assert.throws(() => SrtCaller.connect({ host: "127.0.0.1", port: 1 }, {} as never), { code: "SRT_SINK_INVALID" });
});
