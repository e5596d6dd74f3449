/** Codes of the archive. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of recordings, archive.db and the archive's HTTP interface. */
export const archiveErrors = defineErrors({
  ARCHIVE_SCHEMA_NEWER: [
    "failed-precondition",
    "archive.db has schema version {found}, this program knows up to {known}. Start the newer version, or restore a backup from before the update",
  ],
  ARCHIVE_STEPS_MISSING: [
    "internal",
    "There are {steps} migration steps for schema version {version}: every version after the first needs exactly one",
  ],
  ARCHIVE_DATABASE_UNREADABLE: [
    "data-loss",
    "Cannot open {file}: {reason}. Restore archive.db from a backup, or move it away: recordings stay and the newest are taken up again",
  ],
  ARCHIVE_DISK_FULL: [
    "resource-exhausted",
    "No room to record: {freeBytes} bytes free on the disk, {floorBytes} must stay free, and nothing is left to delete. Free space or lower retention.minFreeBytes",
  ],
  ARCHIVE_DISK_ERROR: [
    "unavailable",
    "Cannot write {file}: {reason}. Check the disk (dmesg, smartctl); recording tries again by itself",
  ],
  ARCHIVE_MUXER_FAULT: [
    "internal",
    "The muxer made an unreadable {what} for camera {camera}. Recording tries again at the next key frame; report this with the camera's make",
  ],
  ARCHIVE_CAMERA_UNKNOWN: ["not-found", "Nothing is recorded of a camera {camera}; GET /segments lists what is"],
  ARCHIVE_EVENT_UNKNOWN: ["not-found", "There is no event {event}; it may have been deleted with its recording"],
  ARCHIVE_THUMBNAIL_MISSING: ["not-found", "Event {event} has no picture (yet)"],
  ARCHIVE_PREVIEW_MISSING: [
    "not-found",
    "There is no preview of camera {camera} at {atUs} or at most {withinS} s before. Ask with a larger withinS, or play the recording: previews are made only while decode runs",
  ],
  ARCHIVE_NOTHING_RECORDED: ["not-found", "Nothing is recorded of camera {camera} between {fromUs} and {toUs}{hint}"],
  ARCHIVE_QUERY_INVALID: ["invalid-argument", "{count} fault(s) in the query: {faults}. See docs/ref/http.md#archive"],
  ARCHIVE_RANGE_INVALID: [
    "invalid-argument",
    "Expected a Range within 0..{bytes} but received {range}. Ask again without it, or with bytes=first-last",
  ],
  ARCHIVE_SEGMENT_CHANGED: [
    "data-loss",
    "Segment {segment} is not what its row says at byte {offset}. Run `lanthorn check`; ask again for what follows it",
  ],
  ARCHIVE_STATE_MISSING: [
    "not-found",
    "There is no archive in {directory}: no archive.db. Expected --state <the archive's state directory>",
  ],
});
