/**
 * A file that appears under its name only when it is whole and durable: written aside, synced, renamed, its directory synced. Hashes what it
 * writes. Asks for room before it writes.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { crc32 } from "node:zlib";
import { directoryTarget } from "../../recording/durable-file.ts";

/** What is known of a finished file. */
export interface FileDigest {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly crc32: number;
  /** SHA-256 of each `chunkBytes` bytes in turn, so that a fault can be found and not only noticed. */
  readonly chunkBytes: number;
  readonly chunks: readonly string[];
}

/** Asks whether so many more bytes may be written. Throws when not. */
export type AskRoom = (bytes: number) => Promise<void>;

const MIB = 1024 * 1024;
/** Room is asked for so many bytes at a time. */
const ROOM_BYTES = 16 * MIB;
/** Most chunks of one file in a manifest. */
const CHUNKS_MAX = 2048;

/** Chunk of a file of about so many bytes: a power of two times a MiB. */
export function chunkBytesFor(expectedBytes: number): number {
  let chunkBytes = MIB;
  while (chunkBytes * CHUNKS_MAX < expectedBytes) {
    chunkBytes *= 2;
  }
  return chunkBytes;
}

/** A file in the making. Owner: finish() or abandon() it. */
export class PartFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #askRoom: AskRoom;
  readonly #whole = createHash("sha256");
  readonly #chunkBytes: number;
  readonly #chunks: string[] = [];
  #chunk = createHash("sha256");
  #inChunk = 0;
  #crc = 0;
  #bytes = 0;
  #roomBytes = 0;

  private constructor(path: string, handle: FileHandle, expectedBytes: number, askRoom: AskRoom) {
    this.#path = path;
    this.#handle = handle;
    this.#askRoom = askRoom;
    this.#chunkBytes = chunkBytesFor(expectedBytes);
  }

  /** Begins a file; what an interrupted attempt left of it is thrown away. */
  static async begin(path: string, expectedBytes: number, askRoom: AskRoom): Promise<PartFile> {
    return new PartFile(path, await open(`${path}.part`, "w", 0o640), expectedBytes, askRoom);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends. Throws what `askRoom` throws, and the file system's errors. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#roomBytes < bytes.length) {
      const wanted = Math.max(ROOM_BYTES, bytes.length);
      await this.#askRoom(wanted);
      this.#roomBytes += wanted;
    }
    this.#roomBytes -= bytes.length;
    for (let written = 0; written < bytes.length; ) {
      const result = await this.#handle.write(bytes, written, bytes.length - written, this.#bytes + written);
      written += result.bytesWritten;
    }
    this.#bytes += bytes.length;
    this.#hash(bytes);
  }

  /** Makes it durable and gives it its name. */
  async finish(): Promise<FileDigest> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(`${this.#path}.part`, this.#path);
    await directoryTarget(dirname(this.#path)).sync();
    if (this.#inChunk > 0) {
      this.#chunks.push(this.#chunk.digest("hex"));
    }
    return {
      name: basename(this.#path),
      bytes: this.#bytes,
      sha256: this.#whole.digest("hex"),
      crc32: this.#crc,
      chunkBytes: this.#chunkBytes,
      chunks: this.#chunks,
    };
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await rm(`${this.#path}.part`, { force: true });
  }

  #hash(bytes: Uint8Array): void {
    this.#whole.update(bytes);
    this.#crc = crc32(bytes, this.#crc);
    for (let offset = 0; offset < bytes.length; ) {
      const piece = bytes.subarray(offset, offset + this.#chunkBytes - this.#inChunk);
      this.#chunk.update(piece);
      this.#inChunk += piece.length;
      offset += piece.length;
      if (this.#inChunk === this.#chunkBytes) {
        this.#chunks.push(this.#chunk.digest("hex"));
        this.#chunk = createHash("sha256");
        this.#inChunk = 0;
      }
    }
  }
}

/** Writes a small file in the same way. */
export async function writeWhole(path: string, content: Uint8Array | string, askRoom: AskRoom): Promise<FileDigest> {
  const bytes = Buffer.from(content);
  const file = await PartFile.begin(path, bytes.length, askRoom);
  try {
    await file.write(bytes);
    return await file.finish();
  } catch (error) {
    await file.abandon().catch(() => {}); // the first error tells more
    throw error;
  }
}
