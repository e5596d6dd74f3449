/** Records as JSON, one line each. 64-bit numbers are decimal strings; payloads that are not JSON are told by their size. */
import type { TypedRecord } from "../../src/index.ts";

/** Makes the line of a record, its line break included. */
export function recordLine(record: TypedRecord): string {
  const { meta, dropped } = record;
  const line = { ...meta, dropped, kind: record.kind, ...contentOf(record) };
  return `${JSON.stringify(line, (_, value) => (typeof value === "bigint" ? `${value}` : value))}\n`;
}

function contentOf(record: TypedRecord): object {
  switch (record.kind) {
    case "imu":
      return { samples: record.samples };
    case "result":
      return { value: record.value };
    case "pcm":
      return { samplesPerChannel: record.samples.length / record.stream.channels };
    default:
      return { payloadBytes: record.payload.byteLength };
  }
}
