/** Begins a segment: row first (a promise of nothing but the name), then the file. Whatever is found later has a row. */
import { rm } from "node:fs/promises";
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
  const { id, initSegmentId } = store.transaction(() => {
    const cameraRow = store.cameras.ensure(camera, stream);
    const initRow = store.cameras.ensureInit(initBytes, initFactsOf(streams));
    const { wallUs: startWallUs, clockJumpUs } = start;
    const intent = { cameraRow, initSegmentId: initRow, startWallUs, clockJumpUs, disk };
    return { initSegmentId: initRow, id: store.segments.announce(intent) };
  });
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
