import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { ByteCounter, type SrtEvent, SrtListener } from "@lanthorn/srt";
import { waitUntil } from "@lanthorn/testing";
import { SrtOutput } from "../../src/stream/srt-output.ts";

const KEY = "correct-horse-battery-staple-1234";

interface Box {
  readonly listener: SrtListener;
  readonly counter: ByteCounter;
  readonly events: SrtEvent[];
}

function listen(t: TestContext, port: number, passphrase = KEY): Box {
  const listener = SrtListener.listen({ host: "127.0.0.1", port });
  t.after(() => listener.close());
  const counter = new ByteCounter();
  listener.attach("porch", counter.sink);
  listener.setAccess([{ cameraId: "porch", streamIds: [], passphrase, enabled: true }]);
  return { listener, counter, events: [] };
}

function listenOnFree(t: TestContext, port: number): Box | undefined {
  try {
    return listen(t, port);
  } catch (error) {
    if ((error as { code?: string }).code === "SRT_PORT_TAKEN") {
      return undefined;
    }
    throw error;
  }
}

function startOutput(t: TestContext, port: number, passphrase: () => string = () => KEY): SrtOutput {
  const stopping = new AbortController();
  const output = new SrtOutput({
    host: "localhost",
    port,
    latencyMs: 120,
    credentials: () => ({ streamId: "porch", passphrase: passphrase() }),
    clock: systemClock,
    log: createLogger("test", "silent"),
  });
  const running = output.run(stopping.signal);
  t.after(async () => {
    stopping.abort();
    await assert.rejects(running, { code: "ABORTED" });
  });
  return output;
}

/** Delivers packets for as long as it takes; cut where no packet ends. */
async function deliverUntil(output: SrtOutput, what: string, done: () => boolean): Promise<void> {
  const packet = Buffer.alloc(188, 0xff);
  packet.set([0x47, 0x1f, 0xff, 0x10]);
  const bytes = Buffer.concat(Array.from({ length: 3 }, () => packet));
  await waitUntil(what, () => {
    output.deliver(bytes.subarray(0, 250));
    output.deliver(bytes.subarray(250));
    return done();
  });
}

test("bytes reach the box encrypted, in whole packets", async (t) => {
  const { listener, counter } = listen(t, 0);
  const output = startOutput(t, listener.port);
  await output.ready();
  await deliverUntil(output, "bytes at the box", () => counter.read().bytes > 188 * 100);
  assert.equal(counter.read().foreignPushes, 0);
  assert.equal(listener.poll().find(({ kind }) => kind === "connected")?.keyLengthBits, 256);
});

test("a box that goes away and comes back is called again, and the stream goes on in whole packets", async (t) => {
  const first = listen(t, 0);
  const { port } = first.listener;
  const output = startOutput(t, port);
  await output.ready();
  await deliverUntil(output, "bytes at the first box", () => first.counter.read().bytes > 188 * 30);
  first.listener.close();
  // libsrt gives the port back a moment after the last connection is closed.
  const second = await waitUntil("the port to be free", () => listenOnFree(t, port));
  await deliverUntil(output, "bytes at the second box", () => second.counter.read().bytes > 188 * 30);
  assert.equal(second.counter.read().foreignPushes, 0);
});

test("a camera with a wrong key keeps calling, is refused, and gets through once its key is right", async (t) => {
  const { listener, counter, events } = listen(t, 0);
  let passphrase = "wrong-horse-battery-staple";
  const output = startOutput(t, listener.port, () => passphrase);
  await waitUntil("two refusals", () => {
    events.push(...listener.poll());
    const refused = events.filter(({ kind }) => kind === "rejected");
    return refused.reduce((sum, { count }) => sum + count, 0) >= 2;
  });
  assert.equal(counter.read().bytes, 0);
  passphrase = KEY; // read anew for each call: re-keying needs no restart
  await output.ready();
  await deliverUntil(output, "bytes at the box", () => counter.read().bytes > 0);
});
