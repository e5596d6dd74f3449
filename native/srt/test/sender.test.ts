import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ByteCounter, SrtListener, SrtSender, TS_PACKET_BYTES } from "../src/index.ts";
import { until } from "./peers.ts";

const KEY = "correct-horse-battery-staple-1234";

function listen(t: TestContext, port = 0): { listener: SrtListener; counter: ByteCounter } {
  const listener = SrtListener.listen({ host: "127.0.0.1", port });
  t.after(() => listener.close());
  const counter = new ByteCounter();
  listener.attach("porch", counter.sink);
  listener.setAccess([{ cameraId: "porch", streamIds: [], passphrase: KEY, enabled: true }]);
  return { listener, counter };
}

function call(t: TestContext, port: number, overrides: { streamId?: string; passphrase?: string } = {}): SrtSender {
  const sender = SrtSender.connect({
    host: "127.0.0.1",
    port,
    streamId: "#!::u=porch,r=porch/main,m=publish",
    passphrase: KEY,
    connectTimeoutMs: 500,
    ...overrides,
  });
  t.after(() => sender.close());
  return sender;
}

/** Null packets of MPEG-TS. */
function packets(count: number): Buffer {
  const bytes = Buffer.alloc(count * TS_PACKET_BYTES, 0xff);
  for (let index = 0; index < count; index++) {
    bytes.set([0x47, 0x1f, 0xff, 0x10], index * TS_PACKET_BYTES);
  }
  return bytes;
}

test("what a sender sends arrives whole, encrypted with AES-256", async (t) => {
  const { listener, counter } = listen(t);
  const sender = call(t, listener.port);
  await until("it is connected", () => sender.state().kind === "connected");
  for (let round = 0; round < 20; round++) {
    assert.equal(sender.send(packets(10)), 10 * TS_PACKET_BYTES); // 7 packets in one message, 3 in the next
    await sleep(5);
  }
  await until("all bytes came", () => counter.read().bytes === 200 * TS_PACKET_BYTES);
  assert.equal(counter.read().foreignPushes, 0);
  assert.equal(listener.poll().find(({ kind }) => kind === "connected")?.keyLengthBits, 256);
  const statistics = sender.statistics();
  assert.equal(statistics?.pbkeylen, 32);
  assert.equal(statistics?.pktSentTotal, 40);
  assert.equal(statistics?.pktSndDropTotal, 0);
});

test("a wrong passphrase and an unknown id end as closed with libsrt's code and words, and no byte arrives", async (t) => {
  const { listener, counter } = listen(t);
  const wrongKey = call(t, listener.port, { passphrase: "wrong-horse-battery-staple" });
  const unknown = call(t, listener.port, { streamId: "garden" });
  await until("both were refused", () => [wrongKey, unknown].every((sender) => sender.state().kind === "closed"));
  assert.equal(wrongKey.state().code, 10);
  assert.equal(unknown.state().code, 1404);
  assert.match(wrongKey.state().reason, /\w/);
  assert.equal(wrongKey.send(packets(1)), 0);
  assert.equal(wrongKey.statistics(), undefined);
  assert.equal(counter.read().bytes, 0);
});

test("a call that nobody answers ends as closed, and sending before then takes nothing", async (t) => {
  const { listener } = listen(t);
  const port = listener.port;
  listener.close();
  const sender = call(t, port);
  assert.equal(sender.state().kind, "connecting");
  assert.equal(sender.send(packets(1)), 0);
  await until("it gave up", () => sender.state().kind === "closed");
});

test("a listener on every address takes callers by IPv4 and by IPv6", async (t) => {
  const listener = SrtListener.listen({ host: "::", port: 0 });
  t.after(() => listener.close());
  const cameras = ["four", "six"].map((cameraId) => ({ cameraId, streamIds: [], passphrase: KEY, enabled: true }));
  listener.setAccess(cameras);
  for (const [host, streamId] of [
    ["127.0.0.1", "four"],
    ["::1", "six"],
  ] as const) {
    const sender = SrtSender.connect({ host, port: listener.port, streamId, passphrase: KEY });
    t.after(() => sender.close());
    await until(`${host} is in`, () => sender.state().kind === "connected");
  }
});

test("a listener that goes away closes the sender", async (t) => {
  const { listener } = listen(t);
  const sender = call(t, listener.port);
  await until("it is connected", () => sender.state().kind === "connected");
  listener.close();
  await until("it noticed", () => sender.state().kind === "closed");
  assert.match(sender.state().reason, /ended the connection/);
  sender.close();
  sender.close();
  assert.equal(sender.state().kind, "closed");
});

test("arguments that cannot work are refused, without repeating the passphrase", (t) => {
  const passphrase = "short-one";
  assert.throws(
    () => call(t, 9000, { passphrase }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "SRT_PASSPHRASE_INVALID");
      assert.equal(error.message.includes(passphrase), false);
      return true;
    },
  );
  const base = { streamId: "porch", passphrase: KEY };
  assert.throws(() => SrtSender.connect({ ...base, host: "example.org", port: 9000 }), { code: "SRT_ADDRESS_INVALID" });
  assert.throws(() => SrtSender.connect({ ...base, host: "127.0.0.1", port: 0 }), { code: "SRT_OPTION_INVALID" });
});

test("bytes that are not whole packets are refused", async (t) => {
  const { listener } = listen(t);
  assert.throws(() => call(t, listener.port).send(Buffer.alloc(100)), { code: "SRT_OPTION_INVALID" });
});
