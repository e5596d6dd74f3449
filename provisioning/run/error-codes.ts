/** What can keep `npm start` from running. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of the runner. */
export const runErrors = defineErrors({
  RUN_OPTION_INVALID: ["invalid-argument", "{reason}. `npm start -- --help` lists the options"],
  RUN_HOME_UNWRITABLE: [
    "permission-denied",
    "Cannot write to {home} ({reason}). Choose a writable directory with --home <dir>",
  ],
  RUN_HOME_TOO_LONG: [
    "invalid-argument",
    "Expected a --home of at most {maxBytes} bytes but {home} has {bytes}: unix socket paths end at 107 bytes. Choose a shorter one",
  ],
  RUN_HOME_IN_USE: [
    "failed-precondition",
    "Lanthorn already runs in {home} (process {pid}). Stop it, or choose another directory with --home <dir>",
  ],
  RUN_SHM_TOO_SMALL: [
    "resource-exhausted",
    "/dev/shm has {freeMiB} MiB free but {cameras} camera(s) need about {needMiB} MiB. Enlarge it with `mount -o remount,size={suggestMiB}M /dev/shm`, or run fewer cameras",
  ],
  RUN_FFMPEG_MISSING: [
    "failed-precondition",
    "The program ffmpeg is not installed, and simulated cameras encode with it. Install it with `apt-get install ffmpeg`",
  ],
  RUN_CAMERA_FILE_UNREADABLE: [
    "not-found",
    "Cannot read the video file {file} given by --camera ({reason}). Expected a file, srt://… or rtsp://…",
  ],
  RUN_COMPILE_FAILED: [
    "failed-precondition",
    "{service} cannot be compiled into {directory} ({reason}). Expected the users of lanthorn.sysusers.conf and a directory that they may write to; `npm run build` makes what else is missing",
  ],
  RUN_SERVICE_FAILED: ["failed-precondition", "{service} did not start (exit {exitCode}): {reason}"],
});
