/** What a failed write means for a recording. Pure. */
import { LanthornError } from "@lanthorn/base";
import { archiveErrors } from "../error-codes.ts";

/** Why a segment had to end; a gap cause and a recorder's state alike. */
export type Refusal = "disk-full" | "disk-error" | "stream-unusable";

/** Full: no space (ENOSPC), over quota (EDQUOT), SQLite's own word for either. What is not the muxer's is the disk's until shown otherwise. */
export function refusalOf(error: unknown): Refusal {
  const code = String((error as { code?: unknown } | undefined)?.code);
  if (code.startsWith("MEDIA_") || code === "ARCHIVE_MUXER_FAULT") {
    return "stream-unusable";
  }
  return ["ENOSPC", "EDQUOT", "SQLITE_FULL", "ARCHIVE_DISK_FULL"].includes(code) ? "disk-full" : "disk-error";
}

/** Words for the log: an error of ours as it is, any other as what the disk did to a file. */
export function refusalWords(error: unknown, file: string): string {
  if (error instanceof LanthornError) {
    return error.message;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return archiveErrors.make("ARCHIVE_DISK_ERROR", { file, reason }).message;
}
