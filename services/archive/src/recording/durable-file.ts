/** A file that only grows, with the sync targets that make it durable: itself, and the directories that name it. */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { ByteSource } from "../mp4/walk.ts";
import type { SyncTarget } from "./commit-queue.ts";

/** A target that makes a directory's entries durable. fsync of a directory: open(2), fsync(2). */
export function directoryTarget(path: string): SyncTarget {
  return {
    key: path,
    sync: async () => {
      const handle = await open(path, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** Makes a directory below `root` and returns the targets of every directory that got a new entry. */
export async function makeDirectory(path: string, root: string): Promise<SyncTarget[]> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) {
    return [];
  }
  const targets: SyncTarget[] = [];
  for (let made = path; made.length >= first.length && made.length > root.length; made = dirname(made)) {
    targets.push(directoryTarget(dirname(made)));
  }
  return targets;
}

/** A file that only grows. Owner: close() it. */
export class DurableFile implements SyncTarget, ByteSource {
  readonly key: string;
  readonly #handle: FileHandle;
  #bytes: number;
  #closed = false;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.key = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Makes a new file. Returns it with the targets that make its name durable. */
  static async create(path: string, root: string): Promise<{ file: DurableFile; directories: SyncTarget[] }> {
    const made = await makeDirectory(dirname(path), root);
    const handle = await open(path, "wx+", 0o640); // readable by the group of services (stateReadable)
    return { file: new DurableFile(path, handle, 0), directories: [directoryTarget(dirname(path)), ...made] };
  }

  /** Opens a file to go on writing; makes it when `create` says so. */
  static async reopen(path: string): Promise<DurableFile> {
    const handle = await open(path, "r+");
    const { size } = await handle.stat();
    return new DurableFile(path, handle, size);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends; when it throws, the file may be longer than `bytes`: truncate(bytes) before anything else. */
  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const result = await this.#handle.write(bytes, written, bytes.length - written, this.#bytes + written);
      written += result.bytesWritten;
    }
    this.#bytes += bytes.length;
  }

  /** Reads anywhere. */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Makes everything written so far durable: data and size, not the times (fdatasync(2)). */
  async sync(): Promise<void> {
    if (!this.#closed) {
      await this.#handle.datasync();
    }
  }

  /** Cuts the file. */
  async truncate(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes);
    this.#bytes = bytes;
  }

  /** Closes the handle. May be called twice. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.#handle.close();
    }
  }
}

/** Opens a file to read only, as a ByteSource of the size it has now. Owner: close() it. */
export async function openByteSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  return {
    bytes: size,
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
}
