/** A file read through a window: the small reads of a box walk, which follow one another closely, become one of a page or two. */
import { open } from "node:fs/promises";
import type { ByteSource } from "../mp4/walk.ts";

/** moof (about 1 kB) and the header of the mdat behind it; the mdat itself is skipped. */
const WINDOW_BYTES = 4096;

/** A file to read only. Owner: close() it. */
export interface WindowedSource extends ByteSource {
  /** Bytes read from the file so far. */
  readonly readBytes: number;
  close(): Promise<void>;
}

/** Opens a regular file; its size is that of now. Throws what open(2) says; EINVAL for what is no regular file. */
export async function openWindowedSource(path: string): Promise<WindowedSource> {
  const handle = await open(path, "r");
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw Object.assign(new TypeError("not a regular file"), { code: "EINVAL" });
  }
  let window: Buffer = Buffer.alloc(0);
  let windowAt = 0;
  let readBytes = 0;
  const fill = async (offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, stat.size - offset)));
    const result = await handle.read(buffer, 0, buffer.length, offset);
    readBytes += result.bytesRead;
    return buffer.subarray(0, result.bytesRead);
  };
  return {
    bytes: stat.size,
    get readBytes() {
      return readBytes;
    },
    read: async (offset, length) => {
      if (length > WINDOW_BYTES) {
        return await fill(offset, length);
      }
      if (offset < windowAt || offset + length > windowAt + window.length) {
        window = await fill(offset, WINDOW_BYTES);
        windowAt = offset;
      }
      return window.subarray(offset - windowAt, offset - windowAt + length);
    },
    close: () => handle.close(),
  };
}
