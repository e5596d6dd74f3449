/** GET and POST /backups. Described in docs/ref/http.md#archive. */
import { defineEndpoint, serveEndpoint } from "@lanthorn/base";
import { ArchiveBackupReport, ArchiveBackups } from "@lanthorn/contract";
import type { FastifyInstance } from "fastify";
import { archiveErrors } from "../error-codes.ts";
import type { BackupKeeper } from "./backup-keeper.ts";

/** The backups there are. */
export const LIST_BACKUPS = defineEndpoint({
  path: "/backups",
  operationId: "listBackups",
  summary: "The backups of archive.db, oldest first",
  answer: { description: "The backups", contentType: "application/json", schema: ArchiveBackups },
});

/** A backup now. */
export const MAKE_BACKUP = defineEndpoint({
  method: "POST",
  path: "/backups",
  operationId: "makeBackup",
  summary: "Backs archive.db up now, while it is written; answers when the copy is verified and durable",
  answer: { description: "What was copied", contentType: "application/json", status: 201, schema: ArchiveBackupReport },
});

const invalid = (faults: readonly string[]) =>
  archiveErrors.make("ARCHIVE_QUERY_INVALID", { count: faults.length, faults: faults.join("; ") });

/** Adds them. */
export function addBackupRoutes(app: FastifyInstance, backups: BackupKeeper): void {
  serveEndpoint(
    app,
    LIST_BACKUPS,
    () => ArchiveBackups.parse({ backups: backups.list(), fault: backups.fault ?? null }),
    invalid,
  );
  serveEndpoint(app, MAKE_BACKUP, () => backups.make(), invalid);
}
