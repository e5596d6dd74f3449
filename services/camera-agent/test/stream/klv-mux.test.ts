/** The stream of sensor samples inside the MPEG-TS, packet by packet. What ffprobe says of it: sources.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KlvMux } from "../../src/stream/klv-mux.ts";

const KLV_PID = 496;

/** A programme map as ffmpeg writes it: H.264 on PID 256. CRC over all of it is not looked at here: ffprobe does. */
function mapPacket(): Buffer {
  const section = Buffer.from("02b0120001c10000e100f0001be100f00000000000", "hex");
  return Buffer.concat([Buffer.from([0x47, 0x50, 0x00, 0x10, 0]), section, Buffer.alloc(183 - section.length, 0xff)]);
}

function videoPacket(number: number): Buffer {
  return Buffer.concat([Buffer.from([0x47, 0x01, 0x00, 0x10 | (number & 15)]), Buffer.alloc(184, number & 0xff)]);
}

const pidOf = (packet: Buffer) => packet.readUInt16BE(1) & 0x1fff;

function packetsOf(bytes: Buffer): Buffer[] {
  assert.equal(bytes.length % 188, 0);
  return Array.from({ length: bytes.length / 188 }, (_, i) => bytes.subarray(i * 188, i * 188 + 188));
}

/** The payloads of the KLV packets, put together by ISO/IEC 13818-1. */
function unitsIn(packets: readonly Buffer[]): { pts90k: number; unit: Buffer }[] {
  const bodies: Buffer[][] = [];
  packets.forEach((packet, index) => {
    assert.equal((packet[3] ?? 0) & 0x0f, index & 0x0f, "continuity counter");
    const isStuffed = ((packet[3] ?? 0) & 0x20) !== 0;
    const body = packet.subarray(isStuffed ? 5 + (packet[4] ?? 0) : 4);
    if (((packet[1] ?? 0) & 0x40) !== 0) {
      bodies.push([]);
    }
    bodies.at(-1)?.push(body);
  });
  return bodies.map((parts) => {
    const pes = Buffer.concat(parts);
    assert.equal(pes.readUInt32BE(0), 0x1bd);
    assert.equal(pes.readUInt16BE(4), pes.length - 6);
    const [high, middle, low] = [(pes[9] ?? 0) >> 1, pes.readUInt16BE(10) >> 1, pes.readUInt16BE(12) >> 1];
    return { pts90k: (high & 7) * 2 ** 30 + middle * 2 ** 15 + low, unit: pes.subarray(14) };
  });
}

test("units of any size go between whole packets wherever the stream is cut, and come out as they went in", () => {
  const unit = fc.record({
    unit: fc.uint8Array({ minLength: 1, maxLength: 900 }),
    pts90k: fc.integer({ min: 0, max: 2 ** 33 - 1 }),
  });
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 20 }), fc.integer({ min: 1, max: 700 }), (units, pieceBytes) => {
      const delivered: Buffer[] = [];
      const mux = new KlvMux((packets) => delivered.push(Buffer.from(packets)));
      mux.insert(Buffer.from("too early"), 1); // before the map: nobody could read it
      mux.push(mapPacket());
      const video = Buffer.concat(Array.from({ length: 40 }, (_, number) => videoPacket(number)));
      const waiting = [...units];
      for (let at = 0; at < video.length; at += pieceBytes) {
        mux.push(Buffer.from(video.subarray(at, at + pieceBytes)));
        const next = waiting.shift();
        if (next !== undefined) {
          mux.insert(Buffer.from(next.unit), next.pts90k);
        }
      }
      for (const next of waiting) {
        mux.insert(Buffer.from(next.unit), next.pts90k);
      }
      const packets = packetsOf(Buffer.concat(delivered));
      assert.deepEqual(Buffer.concat(packets.filter((packet) => pidOf(packet) === 256)), video);
      assert.deepEqual(
        unitsIn(packets.filter((packet) => pidOf(packet) === KLV_PID)),
        units.map(({ unit, pts90k }) => ({ pts90k, unit: Buffer.from(unit) })),
      );
      const map = packets.find((packet) => pidOf(packet) === 4096);
      assert.ok(map?.includes(Buffer.from("KLVA")));
    }),
  );
});

test("a programme map without room for another stream stays as it is", () => {
  const full = mapPacket();
  full.writeUInt16BE(0xb000 | 178, 6);
  const delivered: Buffer[] = [];
  const mux = new KlvMux((packets) => delivered.push(Buffer.from(packets)));
  mux.push(Buffer.from(full));
  mux.insert(Buffer.from([1]), 1);
  assert.deepEqual(Buffer.concat(delivered), full);
});
