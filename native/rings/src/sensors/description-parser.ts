/** Checks a ring's description, which another program wrote, and names what is wrong with it. */
import { ringErrors } from "../error-codes.ts";
import type { RingDescription, RingStream } from "./descriptions.ts";
import { IMU_SENSORS } from "./imu.ts";
import { PCM_CODECS } from "./pcm.ts";

type Table = Record<string, unknown>;
type Check = { expected: string; holds: (value: unknown) => boolean };

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const whole = (least: number): Check => ({
  expected: `a whole number of at least ${least}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= least,
});
const text: Check = {
  expected: "a text that is not empty",
  holds: (value) => typeof value === "string" && value !== "",
};
const anyText: Check = { expected: "a text", holds: (value) => typeof value === "string" };
const finite: Check = { expected: "a finite number", holds: Number.isFinite };
const positive: Check = {
  expected: "a number above 0",
  holds: (value) => Number.isFinite(value) && (value as number) > 0,
};
const oneOf = (...values: readonly string[]): Check => ({
  expected: `one of ${values.join(", ")}`,
  holds: (value) => values.includes(value as string),
});
const someOf = (...values: readonly string[]): Check => ({
  expected: `a list of ${values.join(", ")}, each at most once`,
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((item) => values.includes(item)),
});
const optional = (check: Check): Check => ({
  expected: `${check.expected}, or nothing`,
  holds: (value) => value === undefined || check.holds(value),
});

/** What each type of stream must say of itself. */
const STREAM_FIELDS: Readonly<Record<RingStream["type"], Readonly<Record<string, Check>>>> = {
  audio: {
    codec: oneOf(...PCM_CODECS, "aac", "opus"),
    sampleRateHz: whole(1),
    channels: whole(1),
    extradata: optional(anyText),
  },
  video: {
    codec: text,
    widthPx: whole(1),
    heightPx: whole(1),
    extradata: optional(anyText),
    codecString: optional(anyText),
    fps: optional(positive),
  },
  imu: { sensors: someOf(...IMU_SENSORS), sampleRateHz: positive },
  result: { mediaType: text },
  data: { codec: anyText },
};

const STREAM_TYPES = Object.keys(STREAM_FIELDS) as RingStream["type"][];

/**
 * Checks what SlotRingReader.description() or ByteRingReader.description().value gave. Nothing said yet (undefined): no streams.
 * Throws: RING_DESCRIPTION_INVALID, naming the field, what was expected and what came.
 */
export function parseRingDescription(value: unknown): RingDescription {
  if (value === undefined) {
    return { streams: [] };
  }
  const table = checkTable("the description", value);
  checkFields("", table, { camera: optional(text), sensor: optional(text) });
  if (table.depth !== undefined) {
    checkFields("depth.", checkTable("depth", table.depth), { metresPerUnit: positive, invalid: finite });
  }
  const { streams = [] } = table;
  if (!Array.isArray(streams)) {
    throw fault("streams", "a list", streams);
  }
  streams.forEach((stream, i) => {
    checkStream(`streams[${i}]`, stream);
  });
  const indexes = streams.map(({ index }) => index as number);
  if (new Set(indexes).size !== indexes.length) {
    throw fault("streams", "an index of its own for each stream", indexes);
  }
  return { ...table, streams } as RingDescription;
}

function checkStream(field: string, value: unknown): void {
  const stream = checkTable(field, value);
  checkFields(`${field}.`, stream, { index: whole(0), type: oneOf(...STREAM_TYPES) });
  checkFields(`${field}.`, stream, STREAM_FIELDS[stream.type as RingStream["type"]]);
}

function checkTable(field: string, value: unknown): Table {
  if (!isTable(value)) {
    throw fault(field, "an object", value);
  }
  return value;
}

function checkFields(prefix: string, table: Table, checks: Readonly<Record<string, Check>>): void {
  for (const [field, { expected, holds }] of Object.entries(checks)) {
    if (!holds(table[field])) {
      throw fault(prefix + field, expected, table[field]);
    }
  }
}

function fault(field: string, expected: string, value: unknown) {
  const received = value === undefined ? "nothing" : `${JSON.stringify(value)} of type ${typeof value}`;
  return ringErrors.make("RING_DESCRIPTION_INVALID", { field, expected, received });
}
