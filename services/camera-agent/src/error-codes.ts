/** Codes that services/camera-agent throws. Documented in docs/ref/errors.md. No message carries a passphrase. */
import { defineErrors } from "@lanthorn/base";

/** Errors of a camera's options, its source and its encoder. */
export const agentErrors = defineErrors({
  AGENT_OPTION_INVALID: [
    "invalid-argument",
    "{fault}. Usage: main.ts --camera <id> --source <scene:street|scene:stereo|scene:quiet|file> --url srt://host:port --credentials <file> [--truth <file>] [--size 640x360] [--fps 15] [--sub 320x180] [--seed 1] [--latency-ms 120] [--imu] [--tone 1000]",
  ],
  AGENT_CREDENTIALS_INVALID: [
    "failed-precondition",
    "Cannot use the credentials in {file}: {reason}. Expected JSON with streamId and passphrase (10 to 79 characters), as POST /cameras of services/cameras answers them",
  ],
  FFMPEG_MISSING: [
    "failed-precondition",
    "The program {program} is missing: a camera encodes with it. Install it with: apt-get install ffmpeg",
  ],
  FFMPEG_ENDED: ["unavailable", "ffmpeg ended by itself ({ending}). It said: {said}"],
  SOURCE_UNREADABLE: [
    "not-found",
    "Cannot read {file} as a video: {reason}. Check the path, the rights and that it plays in ffplay",
  ],
  SOURCE_HAS_NO_VIDEO: ["invalid-argument", "{file} has no video stream. Give a file with a picture"],
  SEND_REFUSED: ["unavailable", "{box} did not take the call: {reason}"],
  TRUTH_NOT_WRITABLE: [
    "failed-precondition",
    "Cannot write the ground truth to {file}: {reason}. Give a path in a writable directory",
  ],
  OUTPUT_NOT_WRITABLE: [
    "failed-precondition",
    "Cannot write the stream to {file}: {reason}. Give a path in a writable directory",
  ],
});
