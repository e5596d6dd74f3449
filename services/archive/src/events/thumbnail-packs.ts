/** Pictures of events: JPEGs appended to one file a camera and day. Why not in the database: store/schema.sql, table thumbnail. */
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { SyncTarget } from "../recording/commit-queue.ts";
import { DurableFile, directoryTarget, makeDirectory } from "../recording/durable-file.ts";
import { thumbnailPackOf } from "../recording/recording-paths.ts";

interface OpenPack {
  readonly file: DurableFile;
  readonly day: number;
}

/** Appends pictures to packs and reads them. Owner: close() it. */
export class ThumbnailPacks {
  readonly #stateDir: string;
  readonly #open = new Map<string, OpenPack>();

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** Appends a picture. Returns where it lies, and what must be synced before a row may say so. */
  async append(camera: string, day: number, jpeg: Uint8Array): Promise<{ offsetBytes: number; targets: SyncTarget[] }> {
    const targets: SyncTarget[] = [];
    let pack = this.#open.get(camera);
    if (pack?.day !== day) {
      await pack?.file.close();
      const path = thumbnailPackOf(this.#stateDir, camera, day);
      targets.push(...(await makeDirectory(dirname(path), this.#stateDir)), directoryTarget(dirname(path)));
      await (await open(path, "a", 0o640)).close();
      pack = { file: await DurableFile.reopen(path), day };
      this.#open.set(camera, pack);
    }
    const offsetBytes = pack.file.bytes;
    try {
      await pack.file.append(jpeg);
    } catch (error) {
      await pack.file.truncate(offsetBytes).catch(() => {}); // what stays behind is unused bytes, no more
      throw error;
    }
    return { offsetBytes, targets: [pack.file, ...targets] };
  }

  /** Reads a picture; undefined when its pack is gone or too short. */
  async read(
    camera: string,
    row: { packDay: number; offsetBytes: number; jpegBytes: number },
  ): Promise<Buffer | undefined> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(thumbnailPackOf(this.#stateDir, camera, row.packDay), "r");
      const jpeg = Buffer.alloc(row.jpegBytes);
      const { bytesRead } = await handle.read(jpeg, 0, row.jpegBytes, row.offsetBytes);
      return bytesRead === row.jpegBytes ? jpeg : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return undefined;
      }
      throw error;
    } finally {
      await handle?.close();
    }
  }

  /** Closes all packs. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ file }) => file.close()));
    this.#open.clear();
  }
}
