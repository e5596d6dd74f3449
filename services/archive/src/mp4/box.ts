/** ISO base media boxes: headers only, over bytes in memory. Pure. Source: ISO/IEC 14496-12 §4.2. */

/** Where a box lies in its bytes. */
export interface Box {
  /** Four characters: moov, moof, mdat … */
  readonly type: string;
  readonly offset: number;
  /** Whole size with header. */
  readonly bytes: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
}

/** Most bytes a box header takes: size, type, 64-bit size. */
export const BOX_HEADER_MAX_BYTES = 16;

/**
 * Reads the box header at an offset of `bytes`, which stand at `base` of the whole file.
 * Returns undefined when the header is not whole or holds a size no box has (0 means "to the end of the file", which no file of ours uses).
 */
export function readBoxHeader(bytes: Uint8Array, offset: number, base = 0): Box | undefined {
  if (offset + 8 > bytes.length) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size32 = view.getUint32(offset);
  const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
  if (!/^[\x20-\x7e]{4}$/.test(type)) {
    return undefined;
  }
  if (size32 !== 1) {
    return size32 < 8 ? undefined : { type, offset: base + offset, bytes: size32, headerBytes: 8 };
  }
  if (offset + 16 > bytes.length) {
    return undefined;
  }
  const size64 = Number(view.getBigUint64(offset + 8));
  return size64 < 16 || !Number.isSafeInteger(size64)
    ? undefined
    : { type, offset: base + offset, bytes: size64, headerBytes: 16 };
}

/** The boxes that lie one after another in [start, end) of `bytes`; undefined unless they fill it to the byte. */
export function childBoxes(bytes: Uint8Array, start: number, end: number): Box[] | undefined {
  const boxes: Box[] = [];
  let offset = start;
  while (offset < end) {
    const box = readBoxHeader(bytes, offset);
    if (box === undefined || offset + box.bytes > end) {
      return undefined;
    }
    boxes.push(box);
    offset += box.bytes;
  }
  return offset === end ? boxes : undefined;
}

/** The children of a container box; undefined when they do not fill it to the byte. */
export function childrenOf(bytes: Uint8Array, box: Box): Box[] | undefined {
  return childBoxes(bytes, box.offset + box.headerBytes, box.offset + box.bytes);
}

/** The first box reached by following types downwards from a container, e.g. ["mdia", "mdhd"]. */
export function boxAt(bytes: Uint8Array, container: Box, path: readonly string[]): Box | undefined {
  let box: Box | undefined = container;
  for (const type of path) {
    box = box && childrenOf(bytes, box)?.find((child) => child.type === type);
  }
  return box;
}

/** Writes a box: 32-bit size, type, payload. */
export function writeBox(type: string, ...payload: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + payload.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, "latin1");
  return Buffer.concat([header, ...payload]);
}
