/** Begins a segment: row first (a promise of nothing but the name), then the file. Whatever is found later has a row. */
import { rm } from "node:fs/promises";
import type { CameraId } from "@lanthorn/contract";
import type { SyncTarget } from "./commit-queue.ts";
import { DurableFile } from "./durable-file.ts";
import { initFactsOf, type MuxerFactory, type MuxStream } from "./muxer.ts";
import type { RecorderContext } from "./recorder-context.ts";
import { recordingsDirOf, segmentFileOf } from "./recording-paths.ts";
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
  camera: CameraId,
  start: SegmentStart,
  streams: readonly MuxStream[],
): Promise<SegmentWriter> {
  const { commits, makeMuxer, store } = context;
  const initBytes = initBytesOf(makeMuxer, streams);
  const { id, initSegmentId } = store.transaction(() => {
    const cameraRow = store.cameras.ensure(camera);
    const initRow = store.cameras.ensureInit(initBytes, initFactsOf(streams));
    const { wallUs: startWallUs, clockJumpUs } = start;
    const intent = { cameraRow, initSegmentId: initRow, startWallUs, clockJumpUs };
    return { initSegmentId: initRow, id: store.segments.announce(intent) };
  });
  try {
    const info = {
      camera,
      segmentId: id,
      startWallUs: start.wallUs,
      startMonoNs: String(start.monoNs),
      startDts90k: start.dts90k,
      bootId: context.bootId,
    };
    const { file, directories } = await makeFile(context.stateDir, info, SegmentWriter.header(initBytes, info));
    const writer = new SegmentWriter({ info, initSegmentId, initBytes, file, streams, makeMuxer });
    writer.directories = directories;
    return writer;
  } catch (error) {
    commits.add({ targets: [], rows: () => store.segments.remove(id) });
    throw error;
  }
}

async function makeFile(
  stateDir: string,
  segment: { camera: CameraId; segmentId: number; startWallUs: number },
  header: Buffer,
): Promise<{ file: DurableFile; directories: SyncTarget[] }> {
  const path = segmentFileOf(stateDir, { ...segment, id: segment.segmentId });
  const made = await DurableFile.create(path, recordingsDirOf(stateDir));
  try {
    await made.file.append(header);
    return made;
  } catch (error) {
    await made.file.close();
    await rm(path, { force: true });
    throw error;
  }
}
