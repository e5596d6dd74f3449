import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TsPackets } from "../../src/stream/ts-packets.ts";

test("however a stream is cut, the same whole packets come out in order", () => {
  const stream = Buffer.from(Array.from({ length: 188 * 9 + 77 }, (_, index) => index % 251));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 30 }), (cuts) => {
      const packets = new TsPackets();
      const out: Buffer[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const whole = packets.push(stream.subarray(at, Math.min(stream.length, at + cut)));
        assert.equal(whole.length % 188, 0);
        out.push(Buffer.from(whole));
        at = Math.min(stream.length, at + cut);
      }
      assert.deepEqual(Buffer.concat(out), stream.subarray(0, 188 * 9));
    }),
  );
});

test("after a reset the next byte begins a packet", () => {
  const packets = new TsPackets();
  packets.push(Buffer.alloc(100, 1));
  packets.reset();
  assert.deepEqual(packets.push(Buffer.alloc(188, 2)), Buffer.alloc(188, 2));
});
