/** A packet ring filled from a made transport stream, for the tests of this package. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ByteRingReader, type RecordMeta } from "@lanthorn/rings";
import { makeTestMedia, type TestMediaOptions } from "@lanthorn/testing";
import { TsDemuxer } from "../../src/index.ts";

/** One SRT payload: seven transport packets. */
export const PAYLOAD_BYTES = 1316;

/** A ring name that nobody else has. */
export function randomRing(what: string): string {
  return `lanthorn-test-${randomBytes(6).toString("hex")}.${what}`;
}

/** A record with its own copy of the payload. */
export type Taken = { meta: RecordMeta; payload: Buffer };

/** A stream of a packet ring's description, as the demuxer writes it. */
export type Described = {
  index: number;
  type: string;
  codec: string;
  widthPx?: number;
  heightPx?: number;
  sampleRateHz?: number;
  channels?: number;
  extradata?: string;
  codecString?: string;
};

/** Everything a demuxer makes of a file: its records and streams. Closes the ring. */
export async function demuxed(
  options: TestMediaOptions,
): Promise<{ records: Taken[]; streams: Described[]; file: string }> {
  const file = await makeTestMedia({ container: "ts", ...options });
  const packetRing = randomRing("packets");
  const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
  const reader = ByteRingReader.open(packetRing);
  try {
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += PAYLOAD_BYTES) {
      demuxer.push(bytes.subarray(at, at + PAYLOAD_BYTES));
    }
    demuxer.flush();
    const { value } = reader.description();
    reader.seek("oldest");
    const records: Taken[] = [];
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      records.push({ meta: record.meta, payload: record.payload });
    }
    return { records, streams: (value as { streams: Described[] }).streams, file };
  } finally {
    reader.close();
    demuxer.close();
  }
}
