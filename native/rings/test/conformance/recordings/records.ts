/** Recordings of byte rings: wrapped with padding, every type of record, and writers that died in the middle of an append. */
import { encodeImu, encodePcm, encodeResultJson, type ImuSample, RECORD_TYPES } from "../../../src/index.ts";
import { f32Answer } from "../answers.ts";
import { AT, type RingImage } from "../ring-image.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { Step } from "../vector.ts";
import { byteImage, described, OPENED, type Recording, type RecordToWrite, recordStep } from "./recording.ts";

const CAPACITY_BYTES = 4096;
const RECORD_IN_HEAD = 16;
const KIND_IN_HEAD = 12;
const TOTAL_IN_HEAD = 8;
const PADDING = 2;

const VIDEO = { index: 0, type: "video", codec: "h264", widthPx: 64, heightPx: 48 };
const AUDIO = { index: 1, type: "audio", codec: "aac", sampleRateHz: 48_000, channels: 2 };
const PACKETS = { camera: "porch", streams: [VIDEO, AUDIO] };

function record(seed: number, changes: Partial<RecordToWrite["meta"]>, payload: Uint8Array): RecordToWrite {
  return {
    meta: {
      captureMonoNs: 2_000_000_000_003n + BigInt(seed),
      captureWallUs: 1_700_000_000_000_003n + BigInt(seed),
      arrivalMonoNs: 2_000_000_000_004n,
      pts90k: 3000n * BigInt(seed),
      dts90k: 3000n * BigInt(seed - 2),
      duration90k: 3000,
      type: RECORD_TYPES.packet,
      key: false,
      discontinuity: false,
      streamIndex: 0,
      ...changes,
    },
    payload,
  };
}

/** Video and sound of a camera: sizes from nothing to a third of the ring, each fifth a key frame, times unknown now and then. */
function packets(count: number): RecordToWrite[] {
  const random = new SeededRandom(77);
  return Array.from({ length: count }, (_, i) => {
    const seed = i + 1;
    const bytes = seed % 7 === 0 ? 0 : random.below(seed % 5 === 0 ? 1400 : 300);
    const isSound = seed % 3 === 0 && seed % 5 !== 0;
    return record(
      seed,
      {
        key: seed % 5 === 0,
        discontinuity: seed % 11 === 0,
        streamIndex: isSound ? 1 : 0,
        ...(seed % 4 === 0 ? { dts90k: undefined } : {}),
        ...(seed % 8 === 0 ? { pts90k: undefined, duration90k: 0 } : {}),
      },
      random.bytes(bytes),
    );
  });
}

/** Sequence of the oldest record that is whole. */
function oldestSequence(image: RingImage): number {
  let position = image.u64(AT.tail);
  while (image.u32(image.recordAt(position) + KIND_IN_HEAD) === PADDING) {
    position += BigInt(image.u32(image.recordAt(position) + TOTAL_IN_HEAD));
  }
  return Number(image.u64(image.recordAt(position) + RECORD_IN_HEAD));
}

/** Reads all from the oldest to the last, and is told that no more will come. */
function allSteps(records: RecordToWrite[], image: RingImage, last = records.length): Step[] {
  const steps: Step[] = [];
  for (let sequence = oldestSequence(image); sequence <= last; sequence++) {
    const next = records[sequence - 1];
    if (next !== undefined) {
      steps.push(recordStep(next, { sequence, descriptionVersion: 1 }));
    }
  }
  return [...steps, ["next", { error: "GONE" }], ["wait-record 1000", { error: "GONE" }]];
}

/** A wrapped ring that holds padding; the count of records is chosen so that padding lies between tail and head. */
function wrapped(): Recording {
  const records = packets(43);
  const image = byteImage(records, { 0: PACKETS }, CAPACITY_BYTES);
  const at = (sequence: number): Step => {
    const found = records[sequence - 1];
    if (found === undefined) {
      throw new Error(`There is no record ${sequence}`);
    }
    return recordStep(found, { sequence, descriptionVersion: 1 });
  };
  const oldest = oldestSequence(image);
  return {
    name: "records-wrapped",
    about: `Packets of video and sound, round the ring several times; the oldest is ${oldest}.`,
    image,
    steps: [
      ["open bytes @", OPENED],
      ["description", described(PACKETS)],
      ["wait-record 1000", {}],
      ...allSteps(records, image),
      ["seek newest-key", {}],
      at(40),
      at(41),
      ["seek oldest", {}],
      at(oldest),
      ["seek 42", {}],
      at(42),
      ["seek 1", {}],
      at(oldest),
      ["seek end", {}],
      ["next", { error: "GONE" }],
      ["seek 99", {}],
      ["next", { error: "GONE" }],
      ["open slots @", { error: "INVALID_ARGUMENT" }],
    ],
  };
}

function midAppend(): Recording[] {
  const records = packets(22);
  const before = byteImage(records.slice(0, 21), { 0: PACKETS }, CAPACITY_BYTES);
  const after = byteImage(records, { 0: PACKETS }, CAPACITY_BYTES);
  const begun = byteImage(records.slice(0, 21), { 0: PACKETS }, CAPACITY_BYTES);
  begun.setU64(AT.tail, after.u64(AT.tail)).setU64(AT.writingSequence, 22n);
  const at = begun.recordAt(before.u64(AT.head));
  after.bytes.copy(begun.bytes, at, at, at + 150); // the head and a little of the payload
  const unfinished = byteImage(records, { 0: PACKETS }, CAPACITY_BYTES);
  unfinished.setU64(AT.lastSequence, 21n).setU64(AT.newestKey, before.u64(AT.newestKey));
  return [
    {
      name: "records-died-appending",
      about: "A writer that died while it wrote record 22: the ring ends with record 21.",
      image: begun,
      steps: [["open bytes @", OPENED], ...allSteps(records, begun, 21), ["seek end", {}], ["next", { error: "GONE" }]],
    },
    {
      name: "records-died-counting",
      about: "A writer that died between moving head and counting record 22: the record is whole.",
      image: unfinished,
      steps: [
        ["open bytes @", OPENED],
        ...allSteps(records, unfinished, 22),
        ["seek end", {}],
        ["next", { error: "GONE" }],
      ],
    },
  ];
}

function pcm(): Recording[] {
  const mono = Int16Array.of(0, 1, -1, 32_767, -32_768, 1234);
  const stereo = Float32Array.of(0, -0.5, 1, -1, 0.1, 3.402_823_4e38, 1e-45, 0.333_333_34);
  const describe = (codec: string, channels: number) => ({
    sensor: "microphone",
    streams: [{ index: 0, type: "audio", codec, sampleRateHz: 48_000, channels }],
  });
  const meta = { type: RECORD_TYPES.pcm, key: true, duration90k: 11 };
  const s16 = record(1, meta, encodePcm(mono, { codec: "pcm_s16le", sampleRateHz: 48_000, channels: 1 }));
  const f32 = record(1, meta, encodePcm(stereo, { codec: "pcm_f32le", sampleRateHz: 48_000, channels: 2 }));
  const odd = record(2, meta, new Uint8Array(7));
  const undescribed = record(3, { ...meta, streamIndex: 3 }, new Uint8Array(8));
  const steps = (first: RecordToWrite, samples: unknown, about: object): Step[] => [
    ["open bytes @", OPENED],
    ["description", described(about)],
    recordStep(first, { sequence: 1, descriptionVersion: 1 }),
    ["samples", { pcm: samples }],
    recordStep(odd, { sequence: 2, descriptionVersion: 1 }),
    ["samples", { error: "CORRUPT" }],
    recordStep(undescribed, { sequence: 3, descriptionVersion: 1 }),
    ["samples", { error: "NOT_FOUND" }],
    ["next", { error: "GONE" }],
  ];
  const pairs = [0, 2, 4, 6].map((i) => [...stereo.slice(i, i + 2)].map(f32Answer));
  return [
    {
      name: "records-pcm-s16-mono",
      about: "16-bit sound; a record that is no whole number of samples; one of a stream that is not described.",
      image: byteImage([s16, odd, undescribed], { 0: describe("pcm_s16le", 1) }),
      steps: steps(
        s16,
        [...mono].map((value) => [value]),
        describe("pcm_s16le", 1),
      ),
    },
    {
      name: "records-pcm-f32-stereo",
      about: "Sound in floats of two channels, and the same faults.",
      image: byteImage([f32, odd, undescribed], { 0: describe("pcm_f32le", 2) }),
      steps: steps(f32, pairs, describe("pcm_f32le", 2)),
    },
    {
      name: "records-pcm-described-anew",
      about: "Sound written under a description that was replaced is not read by the new one.",
      image: byteImage([s16, s16], { 0: describe("pcm_s16le", 1), 1: describe("pcm_s16le", 2) }),
      steps: [
        ["open bytes @", OPENED],
        recordStep(s16, { sequence: 1, descriptionVersion: 1 }),
        ["samples", { error: "NOT_FOUND" }],
        recordStep(s16, { sequence: 2, descriptionVersion: 2 }),
        ["samples", { pcm: [0, 2, 4].map((i) => [...mono.slice(i, i + 2)]) }],
      ],
    },
  ];
}

function imu(): Recording {
  const about = {
    sensor: "imu",
    streams: [{ index: 0, type: "imu", sensors: ["accelerometer", "gyroscope", "magnetometer"], sampleRateHz: 200 }],
  };
  const samples: ImuSample[] = [
    { monoNs: 7_000_000_000_001n, sensor: "accelerometer", x: 0.1, y: -9.806_65, z: 1e-300 },
    { monoNs: 7_000_000_000_002n, sensor: "gyroscope", x: -2.5, y: Math.PI, z: 5e-324 },
    { monoNs: 7_000_000_000_003n, sensor: "magnetometer", x: 22.5, y: -47.25, z: 1.797e308 },
  ];
  const meta = { type: RECORD_TYPES.imu, key: true };
  const good = record(1, meta, encodeImu(samples));
  const short = record(2, meta, new Uint8Array(39));
  const unknown = record(
    3,
    meta,
    Uint8Array.from({ length: 40 }, (_, i) => (i === 8 ? 4 : 0)),
  );
  return {
    name: "records-imu",
    about: "Samples of three sensors; a record that is no whole sample; a sensor that nobody knows.",
    image: byteImage([good, short, unknown], { 0: about }),
    steps: [
      ["open bytes @", OPENED],
      ["description", described(about)],
      recordStep(good, { sequence: 1, descriptionVersion: 1 }),
      ["samples", { imu: samples.map(({ monoNs, ...rest }) => ({ mono_ns: String(monoNs), ...rest })) }],
      recordStep(short, { sequence: 2, descriptionVersion: 1 }),
      ["samples", { error: "CORRUPT" }],
      recordStep(unknown, { sequence: 3, descriptionVersion: 1 }),
      ["samples", { error: "CORRUPT" }],
    ],
  };
}

function results(): Recording {
  const about = { camera: "porch", streams: [{ index: 0, type: "result", mediaType: "application/json" }] };
  const payload = encodeResultJson({ person: 0.75, note: "äöü – \u{1f3e0}", boxes: [[1, 2.5]] });
  const result = record(1, { type: RECORD_TYPES.result, key: true }, payload);
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
  const json = Buffer.from('{"at":1}');
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  const snapshot = record(2, { type: RECORD_TYPES.snapshot }, Buffer.concat([head, json, jpeg]));
  const data = record(3, { type: RECORD_TYPES.data }, Buffer.from([6, 14, 43, 52]));
  return {
    name: "records-results",
    about: "A result in JSON, a snapshot and private data.",
    image: byteImage([result, snapshot, data], { 0: about }),
    steps: [
      ["open bytes @", OPENED],
      recordStep(result, { sequence: 1, descriptionVersion: 1 }),
      ["samples", { json_hex: Buffer.from(payload).toString("hex") }],
      recordStep(snapshot, { sequence: 2, descriptionVersion: 1 }),
      ["samples", { error: "INVALID_ARGUMENT" }],
      recordStep(data, { sequence: 3, descriptionVersion: 1 }),
      ["samples", { error: "INVALID_ARGUMENT" }],
    ],
  };
}

function withoutKey(): Recording[] {
  const records = packets(43).filter(({ meta }) => !meta.key);
  const image = byteImage(records, { 0: PACKETS }, CAPACITY_BYTES);
  const lapped = byteImage([...packets(5), ...records], { 0: PACKETS }, CAPACITY_BYTES);
  const ends: Step[] = [
    ["seek newest-key", {}],
    ["next", { error: "GONE" }],
  ];
  return [
    {
      name: "records-without-key",
      about: "No key record was ever written: its place is the end.",
      image,
      steps: [["open bytes @", OPENED], ...ends],
    },
    {
      name: "records-key-overwritten",
      about: "The newest key record was overwritten: its place is the end.",
      image: lapped,
      steps: [["open bytes @", OPENED], ...ends],
    },
    {
      name: "records-none",
      about: "A writer that died before its first record.",
      image: byteImage([], {}),
      steps: [
        ["open bytes @", OPENED],
        ["description", { hex: "" }],
        ["wait-record 1000", { error: "GONE" }],
        ["next", { error: "GONE" }],
        ...ends,
        ["seek oldest", {}],
        ["next", { error: "GONE" }],
      ],
    },
  ];
}

/** All recordings of records. */
export function recordRecordings(): Recording[] {
  return [wrapped(), ...midAppend(), ...pcm(), imu(), results(), ...withoutKey()];
}
