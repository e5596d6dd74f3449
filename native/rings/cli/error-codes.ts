/** Codes of the command `lanthorn-rings`. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of the command line and of what it writes. */
export const toolErrors = defineErrors({
  RING_OPTION_INVALID: ["invalid-argument", "{detail}"],
  RING_OUTPUT_FORMAT: ["invalid-argument", "{detail}"],
  RING_OUTPUT_FAILED: [
    "unavailable",
    "Cannot write {file}: {reason}. Nothing unfinished was left; choose another place with -o",
  ],
  RING_OUTPUT_SHORT: ["unavailable", "{detail}"],
});

/** Values of RING_OUTPUT_FAILED for what a system call said. */
export function outputFault(file: string, error: unknown): { file: string; reason: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ENOSPC: "no space left on the device",
    EDQUOT: "the disk quota is used up",
    EACCES: "permission denied",
    EROFS: "the file system is read-only",
    ENOENT: "its folder does not exist",
    ENOTDIR: "a part of its path is no folder",
    EISDIR: "it is a folder",
    EFBIG: "the file would be too large",
  };
  return { file, reason: words[code ?? ""] ?? message };
}
