/** Begins a segment: row first (a promise of nothing but the name), then the file. Whatever is found later has a row. */
import { rm } from "node:fs/promises";
import type { InitFacts } from "../store/camera-table.ts";
import type { SyncTarget } from "./commit-queue.ts";
import { DurableFile } from "./durable-file.ts";
import { initFactsOf, type MuxerFactory, type MuxStream } from "./muxer.ts";
import type { RecorderContext } from "./recorder-context.ts";
import { type CameraStream, type DiskDirectories, type SegmentPlace, segmentFileOf } from "./recording-paths.ts";
import { refusalOf } from "./refusal.ts";
import type { SegmentStart } from "./segment-cutter.ts";
import { SegmentWriter } from "./segment-writer.ts";

/** The initialisation segment of some streams. Throws: the muxer's codes, for parameters no file can hold. */
export function initBytesOf(makeMuxer: MuxerFactory, streams: readonly MuxStream[]): Buffer {
  const muxer = makeMuxer(streams);
  try {
    return muxer.initSegment();
  } finally {
    muxer.close();
  }
}

/** Steps 1 and 2 of docs/design/archive.md#writing. Throws what database, disk or muxer throw; nothing is left behind then. */
export async function openSegment(
  context: RecorderContext,
  { camera, stream }: CameraStream,
  start: SegmentStart & { readonly disk: number },
  streams: readonly MuxStream[],
): Promise<SegmentWriter> {
  const { commits, makeMuxer, space, store } = context;
  const { disk } = start;
  const initBytes = initBytesOf(makeMuxer, streams);
  const init = { initBytes, facts: initFactsOf(streams) };
  const { id, initSegmentId } = await announce(context, { camera, stream }, start, init);
  try {
    const info = {
      camera,
      stream,
      segmentId: id,
      startWallUs: start.wallUs,
      startMonoNs: String(start.monoNs),
      startDts90k: start.dts90k,
      bootId: context.bootId,
    };
    const { file, directories } = await makeFile(
      store.disks,
      { ...info, id, disk },
      SegmentWriter.header(initBytes, info),
    );
    const writer = new SegmentWriter({ info, disk, initSegmentId, initBytes, file, streams, makeMuxer });
    writer.directories = directories;
    return writer;
  } catch (error) {
    if (refusalOf(error) === "disk-error") {
      space.failed(disk);
    }
    commits.add({ targets: [], rows: () => store.segments.remove(id) });
    throw error;
  }
}

/**
 * Step 1: the row, in one transaction with what else is due: each is a sync of the log on the thread that does everything else. Another
 * process may hold the database's lock for as long as it likes (a tool, a backup): footage does not wait for that. The row is written
 * when it can be then, before any other row of the segment; should this process die before, recovery takes the file up (step 4).
 */
async function announce(
  { commits, log, store }: RecorderContext,
  { camera, stream }: CameraStream,
  start: SegmentStart & { readonly disk: number },
  init: { initBytes: Buffer; facts: InitFacts },
): Promise<{ id: number; initSegmentId: number }> {
  const id = store.segments.reserveId();
  let isWanted = true;
  const rows = () => {
    const initSegmentId = store.cameras.ensureInit(init.initBytes, init.facts);
    if (isWanted) {
      const { wallUs: startWallUs, clockJumpUs, disk } = start;
      const cameraRow = store.cameras.ensure(camera, stream);
      store.segments.adoptOpen({ id, cameraRow, initSegmentId, startWallUs, clockJumpUs, disk });
    }
    return initSegmentId;
  };
  try {
    return { id, initSegmentId: await commits.write(rows) };
  } catch (error) {
    const initSegmentId = store.cameras.findInit(init.initBytes);
    if (!isLocked(error) || initSegmentId === undefined || store.cameras.find(camera, stream) === undefined) {
      isWanted = false;
      throw error;
    }
    log.warn(
      { camera, stream, err: error },
      "archive.db is locked by another process: a segment begins without its row",
    );
    return { id, initSegmentId };
  }
}

/** https://sqlite.org/rescode.html#busy, with its extended codes. */
function isLocked(error: unknown): boolean {
  return String((error as { code?: unknown } | undefined)?.code).startsWith("SQLITE_BUSY");
}

async function makeFile(
  disks: DiskDirectories,
  segment: SegmentPlace,
  header: Buffer,
): Promise<{ file: DurableFile; directories: SyncTarget[] }> {
  const path = segmentFileOf(disks, segment);
  const made = await DurableFile.create(path, disks.directoryOf(segment.disk));
  try {
    await made.file.append(header);
    return made;
  } catch (error) {
    await made.file.close();
    await rm(path, { force: true });
    throw error;
  }
}
