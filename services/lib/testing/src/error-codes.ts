/** Codes that lib/testing throws. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of test scaffolding; each carries what the process under test said. */
export const testingErrors = defineErrors({
  SERVICE_ENDED_EARLY: ["failed-precondition", "{service} ended ({ending}) before it was ready. It said:\n{log}"],
  SERVICE_NOT_READY: ["deadline-exceeded", "{service} did not say READY=1 within {timeoutMs} ms. It said:\n{log}"],
  WAIT_TOO_LONG: ["deadline-exceeded", "Waited {timeoutMs} ms in vain for {what}"],
  TEST_MEDIA_FAILED: [
    "failed-precondition",
    "ffmpeg could not make a test file ({reason}). Install it with: apt-get install ffmpeg",
  ],
  CHROMIUM_MISSING: [
    "failed-precondition",
    "Chromium did not start from {path} ({reason}). Install it with: apt-get install chromium",
  ],
  HOME_PATH_TOO_LONG: [
    "invalid-argument",
    "A unix socket's path may have 107 bytes but one in {runDir} needs {bytes}. Set TMPDIR to a shorter path",
  ],
});
