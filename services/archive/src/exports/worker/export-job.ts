/**
 * Does one export, start to end: looks up the footage, makes file after file, then manifest and signature. What is finished stays finished:
 * a second run with the same job goes on after the last whole file. Source: docs/design/archive.md#exports.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ExportFile } from "@lanthorn/contract";
import { archiveErrors } from "../../error-codes.ts";
import { parseInit } from "../../mp4/init.ts";
import type { PlayableSegment } from "../../playback/recording-plan.ts";
import { SegmentReader } from "../../playback/segment-reader.ts";
import { directoryTarget } from "../../recording/durable-file.ts";
import { openForReading } from "../../store/database.ts";
import { makeStore } from "../../store/store.ts";
import { writeBurned } from "../burning/burned-file.ts";
import { exportDirOf, workDirOf } from "../export-paths.ts";
import { chooseVideo } from "../footage/choose-samples.ts";
import { type CameraFootage, findFootage } from "../footage/find-footage.ts";
import { type FootageFile, missingIn, planFiles } from "../footage/footage-plan.ts";
import { openSegment, scanFootage } from "../footage/scan-footage.ts";
import { wallClockOf } from "../footage/wall-clock.ts";
import type { FootageRecord } from "../handing-over/manifest.ts";
import { LocalTime } from "../local-time.ts";
import { FinishedFiles, makingOf } from "./finished-files.ts";
import { handOver } from "./hand-over.ts";
import type { JobContext } from "./job-context.ts";
import type { ExportJob, JobCamera } from "./job-messages.ts";
import { writeOriginal } from "./original-file.ts";
import type { AskRoom } from "./part-file.ts";
import { ProgressMeter, STEP_WEIGHTS } from "./progress-meter.ts";

/** What a job is done with. */
export interface JobHooks {
  readonly askRoom: AskRoom;
  readonly progress: (progress01: number, isDurable: boolean) => void;
}

/** Does the job; the answer lists all files of the finished folder. Throws: ARCHIVE_NOTHING_RECORDED, ARCHIVE_EXPORT_…, ARCHIVE_SEGMENT_CHANGED. */
export async function runExport(job: ExportJob, hooks: JobHooks): Promise<ExportFile[]> {
  const exportDir = exportDirOf(job.stateDir, job.uuid);
  await mkdir(workDirOf(exportDir), { recursive: true, mode: 0o750 });
  await directoryTarget(dirname(exportDir)).sync();
  const database = openForReading(job.stateDir);
  try {
    const store = makeStore(database);
    const meter = new ProgressMeter((progress01) => hooks.progress(progress01, false));
    const workDir = workDirOf(exportDir);
    const context: JobContext = {
      ...{ job, exportDir, workDir, meter, askRoom: hooks.askRoom },
      reader: new SegmentReader(store.disks),
      localTime: new LocalTime(job.options.timeZone),
      finished: new FinishedFiles({ exportDir, workDir }, hooks.askRoom),
      durable: () => hooks.progress(meter.progress01, true),
    };
    await context.finished.load();
    const cameras = job.cameras.map((camera) => ({ camera, found: findFootage(store, camera, job.stream, job) }));
    return await makeFiles(context, cameras);
  } finally {
    database.close();
  }
}

interface FoundCamera {
  readonly camera: JobCamera;
  readonly found: CameraFootage;
}

async function makeFiles(context: JobContext, cameras: readonly FoundCamera[]): Promise<ExportFile[]> {
  const { job, meter } = context;
  const plans = cameras.map(({ camera, found }) => ({
    camera,
    found,
    files: planFiles(found.segments, job.mode === "original"),
  }));
  if (plans.every(({ files }) => files.length === 0)) {
    const camera = cameras.map(({ camera: { id } }) => id).join(", ");
    throw archiveErrors.make("ARCHIVE_NOTHING_RECORDED", { camera, fromUs: job.fromUs, toUs: job.toUs, hint: "" });
  }
  const workPerByte = STEP_WEIGHTS.scan + (job.mode === "original" ? STEP_WEIGHTS.copy : STEP_WEIGHTS.burn);
  const segments = plans.flatMap(({ found }) => found.segments);
  meter.expect(segments.reduce((sum, segment) => sum + expectedBytesOf(segment, job), 0) * workPerByte);
  const footage: FootageRecord[] = [];
  for (const { camera, found, files } of plans) {
    for (const file of files) {
      const taken = new Set(footage.map(({ digest }) => digest.name));
      const record = await makeFile(context, { camera, found, file, taken });
      footage.push(...(record === undefined ? [] : [record]));
      context.durable();
    }
  }
  const records = plans.map(({ camera, found }) => ({
    id: camera.id,
    name: camera.name,
    missing: missingIn(job, found.segments, found.gaps),
  }));
  return await handOver(context, records, footage);
}

/** Bytes of a segment that lie in the span, about. */
function expectedBytesOf(segment: FootageFile["segments"][number], { fromUs, toUs }: ExportJob): number {
  const { startWallUs, endWallUs, mediaBytes } = segment;
  const share = (Math.min(endWallUs, toUs) - Math.max(startWallUs, fromUs)) / Math.max(1, endWallUs - startWallUs);
  return mediaBytes * share;
}

interface FileOrder {
  readonly camera: JobCamera;
  readonly found: CameraFootage;
  readonly file: FootageFile;
  readonly taken: ReadonlySet<string>;
}

async function makeFile(context: JobContext, order: FileOrder): Promise<FootageRecord | undefined> {
  const { job, meter, reader } = context;
  const { camera, found, file } = order;
  const { segments } = file;
  const first = segments[0] as (typeof segments)[number];
  const initRow = found.initOf(first);
  const init = parseInit(initRow.bytes);
  if (init === undefined) {
    throw archiveErrors.make("ARCHIVE_EXPORT_UNREADABLE", { camera: camera.id, what: "its initialisation segment" });
  }
  const open = (segment: PlayableSegment) => openSegment(segment, (each) => reader.open(each));
  const footage = await scanFootage({
    ...{ segments, span: job, init, open, keysOf: (segment: PlayableSegment) => reader.keys(segment) },
    progress: (bytes) => meter.done(bytes * STEP_WEIGHTS.scan),
  });
  const shown = chooseVideo(footage, segments, job);
  if (shown === undefined) {
    return undefined; // a fraction of a picture at the edge of the span
  }
  const wallAt = wallClockOf(footage.shifts90k, segments, init.primary.timescale);
  const fromUs = wallAt(shown.fromTicks);
  // Pictures are shown a little after they are decoded: the last one may reach over the end of what is recorded.
  const toUs = Math.min(wallAt(shown.toTicks), Math.max(...segments.map(({ endWallUs }) => endWallUs)));
  const name = freeName(`${camera.id}_${context.localTime.inFileName(fromUs)}`, order.taken);
  const making = makingOf(job, footage, name);
  const chosen = { footage, segments, gaps: found.gaps, making, initBytes: initRow.bytes, shown, startWallUs: fromUs };
  const write = job.mode === "original" ? writeOriginal : writeBurned;
  const known = await context.finished.find(making);
  const digest = known ?? (await write({ context, camera, name, open }, chosen));
  await context.finished.add(making, digest);
  const keyTicks = footage.tables.get(init.primary.id)?.ptsAt(shown.firstSample) ?? shown.fromTicks;
  return {
    camera: camera.id,
    digest,
    recordedCodecs: initRow.codecs,
    fromUs,
    toUs,
    hiddenLeadUs: job.mode === "original" ? Math.max(0, fromUs - wallAt(keyTicks)) : 0,
    missing: missingIn({ fromUs, toUs }, segments, found.gaps),
    used: footage.used,
    notes: notesOf(job, initRow.codecs),
  };
}

/** A name that no other file of the export has: an hour that comes twice gives the same name twice. */
function freeName(stem: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.mp4` : `${stem}_${number}.mp4`;
    if (!taken.has(name)) {
      return name;
    }
  }
}

/** What whoever gets the file should know of it. */
function notesOf({ mode, options }: ExportJob, codecs: string): string[] {
  const isOpus = /opus/i.test(codecs);
  return [
    ...(mode === "original" && /hvc1|hev1/.test(codecs)
      ? [
          "The pictures are H.265 (hvc1) as the camera sent them: some players need an extension for it. Export with burned time makes H.264.",
        ]
      : []),
    ...(mode === "burned-time" ? ["The pictures were encoded again, as H.264, to write the time into them."] : []),
    ...(isOpus && options.sound === "compatible" ? ["The sound was Opus and was encoded again, as AAC."] : []),
    ...(isOpus && options.sound === "original" ? ["The sound is Opus: some players do not know it in MP4."] : []),
  ];
}
