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
  ARCHIVE_STEP_DANGLES: [
    "data-loss",
    "The step to schema version {version} would leave {rows} rows that point to nothing; archive.db was not changed. Run `lanthorn check` with the former version, or restore a backup",
  ],
  ARCHIVE_DATABASE_UNREADABLE: [
    "data-loss",
    "Cannot open {file}: {reason}. Stop Lanthorn and run lanthorn archive reindex: it makes the index anew from the recordings, and keeps what can be read of this one",
  ],
  ARCHIVE_IN_USE: [
    "unavailable",
    "Another process writes this archive ({file}: {reason}). Expected the archive service to be stopped: stop Lanthorn, then run this again",
  ],
  ARCHIVE_REINDEX_INVALID: [
    "internal",
    "The rebuilt index is not sound: {reason}. archive.db was not touched; check the memory and the disk (dmesg), then run it again",
  ],
  ARCHIVE_DISK_FULL: [
    "resource-exhausted",
    "No room to record: {freeBytes} bytes free on the disk, {floorBytes} must stay free, and nothing is left to delete. Free space or lower retention.minFreeBytes",
  ],
  ARCHIVE_DISK_ERROR: [
    "unavailable",
    "Cannot write {file}: {reason}. Check the disk (dmesg, smartctl); recording tries again by itself",
  ],
  ARCHIVE_STATE_DISK_UNWRITABLE: [
    "unavailable",
    "Cannot write to the state directory {directory}: {reason}. Check its disk (dmesg, mount); the archive is started again and again until it can be written",
  ],
  ARCHIVE_STATE_DISK_CHANGED: [
    "unavailable",
    "{file} is not the file that was opened: the disk of the state directory was unmounted or mounted anew. The archive ends, to be started on what is there then",
  ],
  ARCHIVE_STATE_DISK_RETURNED: [
    "unavailable",
    "The disk can be written again, but {file} still answers: {reason}. The archive ends, to be started again and open it anew",
  ],
  ARCHIVE_STATE_DISK_AWAITED: [
    "unavailable",
    "The disk of {directory} went away while the archive ran, and is not back: expected archive.db there. Mount it; to begin a new archive instead, delete {awaited}",
  ],
  ARCHIVE_DISK_MISSING: [
    "unavailable",
    "The disk at {directory} is gone: expected its lanthorn-disk.json there. Mount it again; recording goes on where there is another disk",
  ],
  ARCHIVE_DISK_UNKNOWN: ["not-found", "There is no disk {uuid} in this archive. There are: {disks}"],
  ARCHIVE_DISK_NOT_GONE: [
    "failed-precondition",
    "The disk {uuid} is there, or was when Lanthorn last looked for it ({directory}). Expected a disk that is gone: start Lanthorn without it once, then run this again. The disk of the state directory is never forgotten",
  ],
  ARCHIVE_DISK_UNCONFIRMED: [
    "invalid-argument",
    "This forgets {segments} recordings ({bytes} bytes) of the disk {uuid}, for good. If it will never come back, run it again with --confirm {directory}",
  ],
  ARCHIVE_CLIP_UNKNOWN: ["not-found", "There is no clip {clip}; GET /clips lists them"],
  ARCHIVE_CLIP_CAMERA_UNKNOWN: [
    "invalid-argument",
    "Expected cameras that are registered or have footage here but received {unknown}. There are: {cameras}",
  ],
  ARCHIVE_CLIPS_FULL: [
    "resource-exhausted",
    "Expected at most {max} clips but there are as many already. Delete some: DELETE /clips/<id>; their footage stays until its time comes",
  ],
  ARCHIVE_MUXER_FAULT: [
    "internal",
    "The muxer made an unreadable {what} for camera {camera}. Recording tries again at the next key frame; report this with the camera's make",
  ],
  ARCHIVE_CAMERA_UNKNOWN: ["not-found", "Nothing is recorded of a camera {camera}; GET /segments lists what is"],
  ARCHIVE_EVENT_UNKNOWN: ["not-found", "There is no event {event}; it may have been deleted with its recording"],
  ARCHIVE_EMBEDDINGS_ABSENT: [
    "failed-precondition",
    "No event has an embedding: no embedding pack has run. Set embedding.pack in inference.toml to a pack's folder (docs/ref/model-pack.md); events from then on can be compared",
  ],
  ARCHIVE_EMBEDDING_MISSING: [
    "not-found",
    "Event {event} has no embedding (yet): it happened before there was an embedding pack, or none could be made of its picture. Ask for another event",
  ],
  ARCHIVE_EMBEDDING_OUTDATED: [
    "failed-precondition",
    "Event {event} was embedded by {old}, events are embedded by {newest} now, and these cannot be compared. Ask for a newer event",
  ],
  ARCHIVE_SIMILARITY_BUSY: [
    "resource-exhausted",
    "Expected at most {max} questions for similar events at once. Wait for their answers, then ask again",
  ],
  ARCHIVE_SIMILARITY_FAILED: [
    "unavailable",
    "Similar events could not be looked for: {reason}. Ask again: the index is made anew from archive.db",
  ],
  ARCHIVE_PREVIEW_MISSING: [
    "not-found",
    "There is no preview of camera {camera} at {atUs} or at most {withinS} s before. Ask with a larger withinS, or play the recording: previews are made only while decode runs",
  ],
  ARCHIVE_NOTHING_RECORDED: ["not-found", "Nothing is recorded of camera {camera} between {fromUs} and {toUs}{hint}"],
  ARCHIVE_SEGMENT_UNKNOWN: [
    "not-found",
    "Segment {segment} of camera {camera} {fault}. Ask for the playlist again: it names what there is",
  ],
  ARCHIVE_QUERY_INVALID: ["invalid-argument", "{count} fault(s) in the query: {faults}. See docs/ref/http.md#archive"],
  ARCHIVE_RANGE_INVALID: [
    "out-of-range",
    "Expected a Range within 0..{bytes} but received {range}. Ask again without it, or with bytes=first-last",
  ],
  ARCHIVE_SEGMENT_UNREADABLE: [
    "data-loss",
    "Segment {segment} of camera {camera} cannot be read: {reason}. Check the disk (dmesg, smartctl); ask for what lies before or after it",
  ],
  ARCHIVE_SEGMENT_CHANGED: [
    "data-loss",
    "Segment {segment} is not what its row says at byte {offset}. Run `lanthorn check`; ask again for what follows it",
  ],
  ARCHIVE_BACKUP_EXISTS: ["already-exists", "{file} is there already. Expected a name that no file has"],
  ARCHIVE_BACKUP_INVALID: [
    "data-loss",
    "{file} is no usable backup: {reason}. Take another one, or rebuild the index from the recordings: lanthorn archive reindex",
  ],
  ARCHIVE_BACKUP_NO_ROOM: [
    "resource-exhausted",
    "No room for a backup of {bytes} bytes beside the recordings. Free space, or lower backup.keep",
  ],
  ARCHIVE_OPTION_INVALID: ["invalid-argument", "{reason}. See lanthorn archive --help"],
  ARCHIVE_EXPORT_UNKNOWN: ["not-found", "There is no export {export}; GET /exports lists what there is"],
  ARCHIVE_EXPORT_FILE_UNKNOWN: [
    "not-found",
    "Export {export} has no file {file}; GET /exports/{export} lists what it has",
  ],
  ARCHIVE_EXPORT_NOT_DONE: [
    "failed-precondition",
    "Export {export} is {state}: it has files when it is done. GET /exports/{export} tells how far it is",
  ],
  ARCHIVE_EXPORT_ENDED: ["failed-precondition", "Export {export} is {state} and cannot be cancelled any more"],
  ARCHIVE_EXPORT_QUOTA: [
    "resource-exhausted",
    "This export may take {expectedBytes} bytes, others take {takenBytes}, and all together may take {limitBytes}. Delete exports, or raise exports.maxBytes",
  ],
  ARCHIVE_EXPORT_DISK_FULL: [
    "resource-exhausted",
    "No room on the disk for {bytes} more bytes of an export, even with old recordings deleted. Free space, or export less",
  ],
  ARCHIVE_EXPORT_SOURCE_GONE: [
    "data-loss",
    "Segment {segment} of camera {camera} was deleted before it was exported. Export what is left: ask again for the same time",
  ],
  ARCHIVE_EXPORT_UNREADABLE: [
    "data-loss",
    "Cannot export camera {camera}: cannot read {what}. Run `lanthorn check`; ask again for another span",
  ],
  ARCHIVE_EXPORT_ENCODER_FAILED: [
    "internal",
    "The encoder ffmpeg ended with {code}: {words}. Export in mode original, which encodes nothing; report this with the camera's make",
  ],
  ARCHIVE_EXPORT_WORKER_ENDED: [
    "unavailable",
    "The process that made this export ended {attempts} times without a word ({how}). If memory is short, export less at once; then ask again",
  ],
  ARCHIVE_STATE_MISSING: [
    "not-found",
    "There is no archive in {directory}: no archive.db. Expected --state <the archive's state directory>",
  ],
});
