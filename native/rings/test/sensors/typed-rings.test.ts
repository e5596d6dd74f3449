import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import {
  AudioRingWriter,
  ByteRingReader,
  ByteRingWriter,
  describeAudio,
  FrameRingWriter,
  ImuRingWriter,
  type ImuSample,
  planeViews,
  RECORD_TYPES,
  type ReadRecord,
  RecordDecoder,
  SlotRingReader,
  type TypedRecord,
  typedRecords,
} from "../../src/index.ts";
import { packetMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";

const now = () => ({ captureMonoNs: systemClock.monoNs(), captureWallUs: BigInt(systemClock.wallUs()) });

async function readAll(reader: ByteRingReader): Promise<TypedRecord[]> {
  const records: TypedRecord[] = [];
  for await (const record of typedRecords(reader)) {
    records.push(record);
  }
  return records;
}

test("sound written is sound read, with time stamps counted in samples, across a skip", async () => {
  const format = { codec: "pcm_s16le", sampleRateHz: 44_100, channels: 2 } as const;
  const writer = AudioRingWriter.create({ name: testRingName(), sensor: "microphone", ...format });
  using reader = ByteRingReader.open(writer.name);
  const sounds = [1, 2, 3].map((n) => Int16Array.from({ length: 882 }, (_, i) => n * 1000 + i));
  sounds.forEach((samples, i) => {
    writer.write(samples, now(), i === 2 ? 441 : 0);
  });
  writer.close();
  const records = await readAll(reader);
  assert.deepEqual(
    records.map((record) => record.kind === "pcm" && record.samples),
    sounds,
  );
  assert.deepEqual(
    records.map(({ meta }) => [meta.pts90k, meta.duration90k, meta.discontinuity]),
    [
      [0n, 900, false],
      [900n, 900, false],
      [2700n, 900, true],
    ],
  );
});

test("samples written are samples read, each with its own time", async () => {
  const writer = ImuRingWriter.create({ name: testRingName(), sensor: "imu", sampleRateHz: 200 });
  using reader = ByteRingReader.open(writer.name);
  const samples: ImuSample[] = [
    { monoNs: 10n, sensor: "accelerometer", x: 0, y: 0, z: 9.81 },
    { monoNs: 15n, sensor: "gyroscope", x: 0.1, y: 0, z: 0 },
  ];
  writer.write(samples, 1n);
  writer.close();
  const [record] = await readAll(reader);
  assert.ok(record?.kind === "imu");
  assert.deepEqual(record.samples, samples);
  assert.equal(record.meta.captureMonoNs, 10n);
});

test("frames drawn into views are read from views; a drawing that throws publishes nothing and loses no slot", () => {
  const options = { pixelFormat: "gray16le", widthPx: 7, heightPx: 5, description: { sensor: "depth" } };
  using writer = FrameRingWriter.create({ name: testRingName(), ...options });
  using reader = SlotRingReader.open(writer.name);
  for (let i = 0; i < 10; i++) {
    assert.throws(() =>
      writer.write(
        () => {
          throw new RangeError("no picture");
        },
        { ...now(), pts90k: 0n },
      ),
    );
  }
  assert.equal(reader.leaseNewest(), undefined);
  writer.write(([plane]) => plane?.samples.fill(1234), { ...now(), pts90k: 90n });
  const lease = reader.leaseNewest();
  assert.ok(lease !== undefined);
  const [view] = planeViews(lease.frame, lease.bytes);
  assert.ok(view?.sample === "u16" && view.samples.length === 35 && view.samples.every((value) => value === 1234));
  assert.deepEqual([lease.frame.pts90k, lease.frame.pixelFormat], [90n, "gray16le"]);
  lease.release();
});

test("PCM is decoded by the description it was written under, and never by another", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using reader = ByteRingReader.open(writer.name);
  const decoder = new RecordDecoder();
  const kinds: (string | undefined)[] = [];
  const read = () => {
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      const typed = decoder.decode(record, reader);
      kinds.push(typed.kind === "pcm" ? typed.samples.constructor.name : typed.kind);
    }
  };
  const describe = (codec: "pcm_s16le" | "pcm_f32le") =>
    writer.describe(describeAudio({ sensor: "microphone", codec, sampleRateHz: 8000, channels: 1 }));
  const append = () => writer.append(packetMeta({ type: RECORD_TYPES.pcm }), new Uint8Array(8));
  append(); // before any description
  describe("pcm_s16le");
  append();
  read();
  append();
  describe("pcm_f32le");
  append();
  read();
  assert.deepEqual(kinds, ["undescribed", "Int16Array", "Int16Array", "Float32Array"]);
  reader.seek("oldest");
  const late = new RecordDecoder();
  const seen = Array.from({ length: 4 }, () => late.decode(reader.next() as ReadRecord, reader).kind);
  assert.deepEqual(seen, ["undescribed", "undescribed", "undescribed", "pcm"]);
});

test("a record of a type that this version does not know is handed on as it is", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using reader = ByteRingReader.open(writer.name);
  writer.append(packetMeta({ type: 77 as never }), Uint8Array.of(1, 2));
  const record = reader.next();
  assert.ok(record !== undefined);
  const typed = new RecordDecoder().decode(record, reader);
  assert.ok(typed.kind === "undescribed" && typed.payload.length === 2);
});

test("typed reading ends on abort, and reads what is left when the writer is gone", async () => {
  const writer = ImuRingWriter.create({ name: testRingName(), sensor: "imu", sampleRateHz: 200 });
  using reader = ByteRingReader.open(writer.name);
  const controller = new AbortController();
  writer.write([{ monoNs: 1n, sensor: "gyroscope", x: 0, y: 0, z: 0 }], 0n);
  let count = 0;
  for await (const _ of typedRecords(reader, controller.signal)) {
    count += 1;
    setImmediate(() => controller.abort());
  }
  assert.equal(count, 1);
  writer.write([{ monoNs: 2n, sensor: "gyroscope", x: 0, y: 0, z: 0 }], 0n);
  writer.close();
  assert.equal((await readAll(reader)).length, 1);
});
