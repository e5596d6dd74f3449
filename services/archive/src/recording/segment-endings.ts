/** How segment files end: whole, with an index, or at the last fragment that a fault left. Their rows follow once they are durable. */
import { rm } from "node:fs/promises";
import type { GapCause } from "@lanthorn/contract";
import { keepOnLostDisk } from "./lost-disk.ts";
import type { RecorderContext } from "./recorder-context.ts";
import { type CameraStream, streamNameOf } from "./recording-paths.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/** How a segment is meant to end. */
export interface Ending {
  readonly endWallUs: number;
  /** Why nothing adjoins; null when the next segment does. */
  readonly cause: GapCause | null;
}

/** The endings of one stream's segments. Owner: CameraRecorder. */
export class SegmentEndings {
  readonly #context: RecorderContext;
  readonly #of: CameraStream;
  readonly #failed: (writer: SegmentWriter, error: unknown) => void;
  /** Complete files that are not durable yet. */
  readonly #finishing = new Map<SegmentWriter, Ending>();

  /** failed: told when a complete file could not be synced. */
  constructor(context: RecorderContext, of: CameraStream, failed: (writer: SegmentWriter, error: unknown) => void) {
    this.#context = context;
    this.#of = of;
    this.#failed = failed;
  }

  /** Complete files that are not durable yet, oldest first. */
  writers(): SegmentWriter[] {
    return [...this.#finishing.keys()];
  }

  /** How a complete file that is not durable yet is meant to end. */
  meant(writer: SegmentWriter): Ending | undefined {
    return this.#finishing.get(writer);
  }

  /** It will end otherwise. */
  forget(writer: SegmentWriter): void {
    this.#finishing.delete(writer);
  }

  /** Ends a file with its index. */
  async finish(writer: SegmentWriter, endWallUs: number, cause: GapCause | null): Promise<void> {
    try {
      await writer.finish();
    } catch (error) {
      // The index is a convenience: playback walks a file that has none.
      this.#context.log.warn(
        { camera: streamNameOf(this.#of), file: writer.file.key, err: error },
        "a segment is closed without index",
      );
      await writer.truncateTo(writer.written);
    }
    this.#commit(writer, endWallUs, cause);
  }

  /** Keeps the first `count` fragments of a segment; without any, nothing of it. */
  async keep(writer: SegmentWriter, count: number, cause: GapCause | null): Promise<void> {
    const { commits, log, store } = this.#context;
    if (!store.disks.isPresent(writer.disk)) {
      return keepOnLostDisk(this.#context, writer, count, cause);
    }
    try {
      if (count === 0) {
        await writer.close();
        await rm(writer.file.key, { force: true });
        commits.add({ targets: [], rows: () => store.segments.remove(writer.info.segmentId) });
      } else {
        await writer.truncateTo(count);
        this.#commit(writer, writer.endWallUs, cause);
      }
    } catch (error) {
      // The row stays open: the next start cuts the file at its last whole fragment and closes it.
      log.error(
        { camera: streamNameOf(this.#of), file: writer.file.key, err: error },
        "cannot close a segment; the next start will",
      );
    }
  }

  /** The file is complete: once it is durable its row says so, and a gap begins where nothing adjoins. */
  #commit(writer: SegmentWriter, endWallUs: number, cause: GapCause | null): void {
    const { commits, store } = this.#context;
    this.#finishing.set(writer, { endWallUs, cause });
    const facts = writer.facts(endWallUs);
    commits.add({
      targets: [writer.file, ...writer.directories],
      rows: () => {
        store.segments.close(facts);
        const cameraRow = store.cameras.find(this.#of.camera, this.#of.stream);
        if (cause !== null && cameraRow !== undefined) {
          store.gaps.begin(cameraRow, endWallUs, cause);
        }
      },
      durable: () => {
        this.#finishing.delete(writer);
        void writer.close();
      },
      failed: (error) => this.#failed(writer, error),
    });
  }
}
