/** Ends a segment whose disk is gone: nothing can be cut or synced any more, but what is durable is known. docs/design/archive.md#disks. */
import type { GapCause } from "@lanthorn/contract";
import type { RecorderContext } from "./recorder-context.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/**
 * Keeps the first `count` fragments, which are durable, as a complete segment without index; the file may hold more, which is cut when
 * the disk is back (disks/disk-return.ts). Without any, the row says that the file is to be deleted then.
 */
export async function keepOnLostDisk(
  { commits, store }: RecorderContext,
  writer: SegmentWriter,
  count: number,
  cause: GapCause | null,
): Promise<void> {
  const kept = Math.min(count, writer.durable);
  const facts = writer.factsOf(kept);
  const { segmentId, camera, stream } = writer.info;
  commits.add({
    targets: [],
    rows: () => {
      if (kept === 0) {
        store.retention.abandon(segmentId);
        return;
      }
      store.segments.close(facts);
      const cameraRow = store.cameras.find(camera, stream);
      if (cause !== null && cameraRow !== undefined) {
        store.gaps.begin(cameraRow, facts.endWallUs, cause);
      }
    },
  });
  await writer.close().catch(() => {}); // the device may refuse even this; the handle is gone either way
}
