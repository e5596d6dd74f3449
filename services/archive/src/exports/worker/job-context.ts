/** What the steps of a job share. */
import type { ByteSource } from "../../mp4/walk.ts";
import type { PlayableSegment } from "../../playback/recording-plan.ts";
import type { SegmentReader } from "../../playback/segment-reader.ts";
import type { LocalTime } from "../local-time.ts";
import type { FinishedFiles } from "./finished-files.ts";
import type { ExportJob, JobCamera } from "./job-messages.ts";
import type { AskRoom } from "./part-file.ts";
import type { ProgressMeter } from "./progress-meter.ts";

/** What the steps of a job share. */
export interface JobContext {
  readonly job: ExportJob;
  readonly exportDir: string;
  readonly workDir: string;
  readonly reader: SegmentReader;
  readonly localTime: LocalTime;
  readonly askRoom: AskRoom;
  readonly meter: ProgressMeter;
  readonly finished: FinishedFiles;
  /** A step is done for good: a restart will not do it again. */
  readonly durable: () => void;
}

/** A camera's file to be, scanned. */
export interface FileTask {
  readonly context: JobContext;
  readonly camera: JobCamera;
  /** Its name, without folder. */
  readonly name: string;
  readonly open: (segment: PlayableSegment) => Promise<ByteSource & { close(): Promise<void> }>;
}
