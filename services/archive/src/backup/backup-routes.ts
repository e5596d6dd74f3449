/** Routes of backups. Described in docs/ref/http.md#archive. */
import { LIST_BACKUPS, MAKE_BACKUP } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import { serve } from "../serve.ts";
import type { BackupKeeper } from "./backup-keeper.ts";

/** Adds them. */
export function addBackupRoutes(app: FastifyInstance, backups: BackupKeeper): void {
  serve(app, LIST_BACKUPS, () => ({ backups: backups.list(), fault: backups.fault ?? null }));
  serve(app, MAKE_BACKUP, () => backups.make());
}
