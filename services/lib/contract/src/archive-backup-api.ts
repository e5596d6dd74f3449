/** Backups of archive.db, as the archive answers on its socket. */
import { z } from "zod";

/** A backup that the archive keeps in its state directory. */
export const ArchiveBackup = z.object({
  name: z.string(),
  bytes: z.number().int(),
  madeWallUs: z.number().int(),
});

/** Body of GET /backups. */
export const ArchiveBackups = z.object({
  /** Oldest first. */
  backups: z.array(ArchiveBackup),
  /** Why the last one could not be made; null when it could. */
  fault: z.string().nullable(),
});

/** Body of the answer to POST /backups: what was copied. */
export const ArchiveBackupReport = z.object({
  file: z.string(),
  bytes: z.number().int(),
  seconds: z.number(),
  segments: z.number().int(),
  events: z.number().int(),
});
