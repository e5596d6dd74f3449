/** Why a stretch of time is missing from a camera's recording. */

/** Closed set; the words are stored in archive.db and shown to people. Order: from outside the box inwards. */
export const GAP_CAUSES = [
  /** The owner switched the camera off or removed it. */
  "camera-disabled",
  /** The owner wants nothing recorded at present. */
  "privacy",
  /** Recording is off, or off at this hour. */
  "not-scheduled",
  /** Only events are recorded, and nothing happened. */
  "no-event",
  /** Nothing came from the camera. */
  "camera-disconnected",
  /** The camera's timestamps jumped, or packets were missing for more than a second. */
  "discontinuity",
  /** The stream's parameters or packets cannot be put into a file. */
  "stream-unusable",
  /** The wall clock was set forward: nothing is missing, the hours never were. */
  "clock-jump",
  /** The packet ring vanished with its writer. */
  "ingest-restart",
  /** The ring overwrote packets before they were read. */
  "ring-overrun",
  /** No room on the disk, nor anything left to delete. */
  "disk-full",
  /** The disk refused to write. */
  "disk-error",
  /** The archive was not running. */
  "service-restart",
  /** The whole box was not running. */
  "machine-restart",
  /** It was recorded, but its file is gone or damaged. */
  "file-lost",
  /** It was recorded, and deleted by the rules of retention while something older of the camera is kept. */
  "expired",
  /** The index was rebuilt from files, which do not say why nothing lies between them. */
  "unknown",
] as const;
/** One of GAP_CAUSES. */
export type GapCause = (typeof GAP_CAUSES)[number];
