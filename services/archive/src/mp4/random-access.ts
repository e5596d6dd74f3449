/** The index at the end of a closed segment: which fragments start with a key frame (mfra). Pure. Source: ISO/IEC 14496-12 §8.8.9–11. */
import { boxAt, childBoxes, childrenOf, writeBox } from "./box.ts";

/** A fragment that playback can start at. */
export interface KeyFragment {
  /** Presentation time of its key frame in ticks of the track. */
  readonly timeTicks: number;
  /** Where its moof starts in the file. */
  readonly offset: number;
}

/** Bytes of the mfro box, the very last of a closed segment: it says how long mfra is. */
const MFRO_BYTES = 16;

/** Writes mfra for one track. */
export function writeRandomAccess(trackId: number, keys: readonly KeyFragment[]): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1 << 24, 0); // version 1: 64-bit times and offsets
  head.writeUInt32BE(trackId, 4);
  head.writeUInt32BE(0, 8); // traf, trun and sample numbers take one byte each
  head.writeUInt32BE(keys.length, 12);
  const rows = Buffer.alloc(keys.length * 19);
  for (const [index, key] of keys.entries()) {
    rows.writeBigUInt64BE(BigInt(key.timeTicks), index * 19);
    rows.writeBigUInt64BE(BigInt(key.offset), index * 19 + 8);
    rows.fill(1, index * 19 + 16, index * 19 + 19); // first traf, first trun, first sample: counted from 1
  }
  const tfra = writeBox("tfra", head, rows);
  const mfro = Buffer.alloc(8);
  mfro.writeUInt32BE(8 + tfra.length + MFRO_BYTES, 4);
  return writeBox("mfra", tfra, writeBox("mfro", mfro));
}

/** Reads a whole mfra box; undefined when it is malformed or not as we write it. */
export function parseRandomAccess(bytes: Uint8Array, trackId: number): KeyFragment[] | undefined {
  const mfra = childBoxes(bytes, 0, bytes.length)?.[0];
  const tfra = mfra?.type === "mfra" ? childrenOf(bytes, mfra) && boxAt(bytes, mfra, ["tfra"]) : undefined;
  if (tfra === undefined || tfra.bytes < 24) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(tfra.offset + 20);
  const asWritten = view.getUint8(tfra.offset + 8) === 1 && view.getUint32(tfra.offset + 16) === 0;
  if (!asWritten || view.getUint32(tfra.offset + 12) !== trackId || tfra.bytes !== 24 + count * 19) {
    return undefined;
  }
  return Array.from({ length: count }, (_, index) => {
    const at = tfra.offset + 24 + index * 19;
    return { timeTicks: Number(view.getBigUint64(at)), offset: Number(view.getBigUint64(at + 8)) };
  });
}
