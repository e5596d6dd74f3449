/**
 * Lays out a zip file of whole files, stored and not compressed (video does not shrink): all its bytes are known beforehand, so it is sent
 * without a copy on disk, with its length, and an interrupted download goes on where it stopped. Always ZIP64: sizes have no limit.
 * Pure. Source: APPNOTE.TXT 6.3.10, §4.3 to §4.5.
 */
import type { ExportFile } from "@lanthorn/contract";

/** Bytes of the zip: made up, or of a file. */
export type ZipPart =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "file"; readonly file: ExportFile };

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END = 0x06054b50;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = 3 << 8;
/** Names are UTF-8: bit 11. */
const FLAG_UTF8 = 0x800;
const REGULAR_FILE_0644 = 0o100644;

/** Lays out files below one folder. `wallUs`: the time that zip programs show for them. */
export function layOutZip(folder: string, files: readonly ExportFile[], wallUs: number): ZipPart[] {
  const parts: ZipPart[] = [];
  const central: Buffer[] = [];
  const stamp = dosStamp(wallUs);
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(`${folder}/${file.name}`, "utf8");
    const header = localHeader(file, name, stamp);
    central.push(centralHeader(file, name, stamp, offset));
    parts.push({ kind: "bytes", bytes: header }, { kind: "file", file });
    offset += header.length + file.bytes;
  }
  const directory = Buffer.concat(central);
  parts.push({ kind: "bytes", bytes: Buffer.concat([directory, ending(files.length, directory.length, offset)]) });
  return parts;
}

/** Bytes of a part. */
export function zipPartBytes(part: ZipPart): number {
  return part.kind === "bytes" ? part.bytes.length : part.file.bytes;
}

/** MS-DOS time in UTC: two-second steps, from 1980 on. */
function dosStamp(wallUs: number): number {
  const date = new Date(Math.max(wallUs / 1000, Date.UTC(1980, 0, 1)));
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  return ((day << 16) | time) >>> 0;
}

function localHeader(file: ExportFile, name: Buffer, stamp: number): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(LOCAL_HEADER, 0);
  head.writeUInt16LE(VERSION_ZIP64, 4);
  head.writeUInt16LE(FLAG_UTF8, 6);
  head.writeUInt32LE(stamp, 10); // after method 0: stored
  head.writeUInt32LE(file.crc32, 14);
  head.writeUInt32LE(0xffffffff, 18);
  head.writeUInt32LE(0xffffffff, 22);
  head.writeUInt16LE(name.length, 26);
  const extra = zip64Extra([file.bytes, file.bytes]);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

function centralHeader(file: ExportFile, name: Buffer, stamp: number, offset: number): Buffer {
  const head = Buffer.alloc(46);
  head.writeUInt32LE(CENTRAL_HEADER, 0);
  head.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 4);
  head.writeUInt16LE(VERSION_ZIP64, 6);
  head.writeUInt16LE(FLAG_UTF8, 8);
  head.writeUInt32LE(stamp, 12);
  head.writeUInt32LE(file.crc32, 16);
  head.writeUInt32LE(0xffffffff, 20);
  head.writeUInt32LE(0xffffffff, 24);
  head.writeUInt16LE(name.length, 28);
  const extra = zip64Extra([file.bytes, file.bytes, offset]);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE((REGULAR_FILE_0644 << 16) >>> 0, 38);
  head.writeUInt32LE(0xffffffff, 42);
  return Buffer.concat([head, name, extra]);
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [index, value] of values.entries()) {
    extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  }
  return extra;
}

function ending(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const bytes = Buffer.alloc(56 + 20 + 22);
  bytes.writeUInt32LE(ZIP64_END, 0);
  bytes.writeBigUInt64LE(44n, 4); // size of what follows of this record
  bytes.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
  bytes.writeUInt16LE(VERSION_ZIP64, 14);
  bytes.writeBigUInt64LE(BigInt(count), 24);
  bytes.writeBigUInt64LE(BigInt(count), 32);
  bytes.writeBigUInt64LE(BigInt(directoryBytes), 40);
  bytes.writeBigUInt64LE(BigInt(directoryOffset), 48);
  bytes.writeUInt32LE(ZIP64_LOCATOR, 56);
  bytes.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  bytes.writeUInt32LE(1, 72);
  bytes.writeUInt32LE(END, 76);
  bytes.writeUInt16LE(0xffff, 84);
  bytes.writeUInt16LE(0xffff, 86);
  bytes.writeUInt32LE(0xffffffff, 88);
  bytes.writeUInt32LE(0xffffffff, 92);
  return bytes;
}
