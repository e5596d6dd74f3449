/** Packets and fragments made by hand, for tests of the pure parts. */
import { writeBox } from "../../src/mp4/box.ts";
import type { StreamRow } from "../../src/recording/fragment-buffer.ts";
import type { MediaPacket } from "../../src/recording/segment-cutter.ts";

/** Video on stream 0, AAC on stream 1. */
export const STREAMS: readonly StreamRow[] = [
  { index: 0, type: "video", usualDuration90k: 3600 },
  { index: 1, type: "audio", usualDuration90k: 1920 },
];

/** 2026-01-01T00:00:00Z. */
export const START_US = 1_767_225_600_000_000;

/** A packet whose capture time follows its decode time exactly, but for `wallErrorUs`. */
export function packet(
  dts90k: number,
  options: { key?: boolean; streamIndex?: number; bytes?: number; wallErrorUs?: number } = {},
): MediaPacket {
  const captureUs = Math.round((dts90k * 100) / 9);
  return {
    streamIndex: options.streamIndex ?? 0,
    dts90k,
    pts90k: dts90k,
    key: options.key ?? false,
    captureWallUs: START_US + captureUs + (options.wallErrorUs ?? 0),
    captureMonoNs: 1_000_000_000n + BigInt(captureUs) * 1000n,
    payload: Buffer.alloc(options.bytes ?? 10, 1),
  };
}

/** Video at 25 frames a second from `fromS` to `toS`, a key frame every `gop` frames. */
export function video(fromS: number, toS: number, gop = 25): MediaPacket[] {
  const packets: MediaPacket[] = [];
  for (let frame = Math.round(fromS * 25); frame < Math.round(toS * 25); frame++) {
    packets.push(packet(frame * 3600, { key: frame % gop === 0 }));
  }
  return packets;
}

const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    bytes.writeUInt32BE(value >>> 0, index * 4);
  }
  return bytes;
};

/** ftyp + moov of one video track (id 1, 90 kHz), with just what the reader looks at. */
export function madeInit(): Buffer {
  const tkhd = writeBox("tkhd", u32(3, 0, 0, 1), Buffer.alloc(68));
  const mdhd = writeBox("mdhd", u32(0, 0, 0, 90_000, 0), Buffer.alloc(4));
  const hdlr = writeBox("hdlr", u32(0, 0), Buffer.from("vide"), Buffer.alloc(13));
  const stsd = writeBox("stsd", u32(0, 1), writeBox("avc1", Buffer.alloc(8)));
  const minf = writeBox("minf", writeBox("stbl", stsd));
  const trex = writeBox("trex", u32(0, 1, 1, 0, 0, 0));
  const trak = writeBox("trak", tkhd, writeBox("mdia", mdhd, hdlr, minf));
  return Buffer.concat([writeBox("ftyp", Buffer.from("isom")), writeBox("moov", trak, writeBox("mvex", trex))]);
}

/** moof + mdat of one-NAL samples of equal duration. */
export function madeFragment(
  start90k: number,
  options: { samples?: number; duration90k?: number; key?: boolean } = {},
): Buffer {
  const { samples = 3, duration90k = 3600, key = true } = options;
  const nal = Buffer.concat([u32(6), Buffer.from("sample")]);
  const tfdt = Buffer.alloc(12);
  tfdt.writeUInt32BE(1 << 24, 0);
  tfdt.writeBigUInt64BE(BigInt(start90k), 4);
  const build = (dataOffset: number) => {
    const trun = writeBox("trun", u32(0x5, samples, dataOffset, key ? 0x2000000 : 0x1010000));
    const tfhd = writeBox("tfhd", u32(0x20038, 1, duration90k, nal.length, 0x1010000));
    // tfhd flags: default-base-is-moof, default duration, bytes, flags
    return writeBox("moof", writeBox("mfhd", u32(0, 1)), writeBox("traf", tfhd, writeBox("tfdt", tfdt), trun));
  };
  const moof = build(build(0).length + 8);
  return Buffer.concat([moof, writeBox("mdat", ...Array.from({ length: samples }, () => nal))]);
}

/** A ByteSource over memory. */
export function memorySource(bytes: Buffer) {
  return {
    bytes: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
}
