/** What recorders work with, and the room they ask for. */
import type { Clock, Log } from "@lanthorn/base";
import type { Store } from "../store/store.ts";
import type { CommitLoop } from "./commit-loop.ts";
import type { MuxerFactory } from "./muxer.ts";

/** Room on the disk. */
export interface DiskSpace {
  /**
   * Notes bytes about to be written to a disk (the state directory's, if not said). Resolves to false when there is no room for
   * them, even after deleting. Throws: ARCHIVE_DISK_MISSING when the disk is not there any more.
   */
  admit(bytes: number, disk?: number): Promise<boolean>;
  /** The disk for a camera's next segment. */
  place(camera: string): Promise<number>;
  /** Says that a disk refused a write: others are preferred for a while. */
  failed(disk: number): void;
  /** The room at present, for messages. */
  words(disk?: number): { freeBytes: number; floorBytes: number };
}

/** What a recorder works with. */
export interface RecorderContext {
  readonly stateDir: string;
  readonly store: Store;
  readonly commits: CommitLoop;
  readonly space: DiskSpace;
  readonly clock: Clock;
  readonly log: Log;
  readonly makeMuxer: MuxerFactory;
  readonly bootId: string;
  readonly segmentMs: number;
  readonly disconnectedAfterMs: number;
}

/** What a camera's recording is doing. */
export const RECORDER_STATES = [
  "waiting",
  "recording",
  "resting",
  "disconnected",
  "stream-unusable",
  "disk-full",
  "disk-error",
] as const;
/** One of RECORDER_STATES. */
export type RecorderState = (typeof RECORDER_STATES)[number];
