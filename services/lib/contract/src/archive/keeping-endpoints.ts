/** What may be asked of what is kept: clips, how long footage lasts, backups of the index. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { ArchiveBackupReport, ArchiveBackups } from "../archive-backup-api.ts";
import { Clip, ClipList, ClipRequest, Retention } from "../archive-retention-api.ts";

const ClipParams = z.object({ id: z.string().min(1).max(64).describe("Clip id") });

/** GET /clips. */
export const LIST_CLIPS = defineEndpoint({
  path: "/clips",
  operationId: "listClips",
  summary: "Footage that is kept until its clip is deleted",
  answer: { description: "The clips", contentType: "application/json", schema: ClipList },
});

/** GET /clips/:id. */
export const READ_CLIP = defineEndpoint({
  path: "/clips/:id",
  operationId: "readClip",
  summary: "One clip",
  params: ClipParams,
  answer: { description: "The clip", contentType: "application/json", schema: Clip },
});

/** POST /clips. */
export const MAKE_CLIP = defineEndpoint({
  method: "POST",
  path: "/clips",
  operationId: "makeClip",
  summary: "Keeps footage until the clip is deleted",
  body: ClipRequest,
  answer: { description: "The clip", contentType: "application/json", status: 201, schema: Clip },
});

/** DELETE /clips/:id. */
export const DELETE_CLIP = defineEndpoint({
  method: "DELETE",
  path: "/clips/:id",
  operationId: "deleteClip",
  summary: "Lets a clip's footage go when its time comes",
  params: ClipParams,
  answer: { description: "It is deleted", status: 204 },
});

/** GET /retention. */
export const READ_RETENTION = defineEndpoint({
  path: "/retention",
  operationId: "readRetention",
  summary:
    "How far each camera reaches back, and how far it will; made at most once a minute while no camera's settings change",
  answer: { description: "A row a camera", contentType: "application/json", schema: Retention },
});

/** GET /backups. */
export const LIST_BACKUPS = defineEndpoint({
  path: "/backups",
  operationId: "listBackups",
  summary: "The backups of archive.db, oldest first",
  answer: { description: "The backups", contentType: "application/json", schema: ArchiveBackups },
});

/** POST /backups. */
export const MAKE_BACKUP = defineEndpoint({
  method: "POST",
  path: "/backups",
  operationId: "makeBackup",
  summary: "Backs archive.db up now, while it is written; answers when the copy is verified and durable",
  answer: { description: "What was copied", contentType: "application/json", status: 201, schema: ArchiveBackupReport },
});
