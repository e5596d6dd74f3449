/** What the archive and an export worker tell each other over the channel between parent and child process. */
import type { ExportFile, ExportMode, ExportOptions, StreamName } from "@lanthorn/contract";
import type { PlayableSegment } from "../../playback/recording-plan.ts";

/** A camera of a job. */
export interface JobCamera {
  readonly id: string;
  /** As people know it: any text, hostile text too. */
  readonly name: string;
  /** Segments that were growing when the job began: their durable part. */
  readonly growing: readonly PlayableSegment[];
}

/** What a worker is to do. */
export interface ExportJob {
  readonly stateDir: string;
  readonly uuid: string;
  readonly name: string;
  readonly cameras: readonly JobCamera[];
  readonly stream: StreamName;
  readonly fromUs: number;
  readonly toUs: number;
  readonly mode: ExportMode;
  readonly options: ExportOptions;
  readonly createdWallUs: number;
  /** Name of the box. */
  readonly box: string;
}

/** To the worker. */
export type ToWorker =
  | { readonly type: "job"; readonly job: ExportJob }
  | { readonly type: "room"; readonly granted: boolean };

/** From the worker. */
export type FromWorker =
  | { readonly type: "progress"; readonly progress01: number; readonly bytes: number; readonly isDurable: boolean }
  | { readonly type: "need-room"; readonly bytes: number }
  | { readonly type: "done"; readonly files: readonly ExportFile[] }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
