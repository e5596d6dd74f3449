/** The archive's HTTP interface on its unix socket. Described in docs/ref/http.md#archive. */
import { CameraId } from "@lanthorn/contract";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { BackupKeeper } from "./backup/backup-keeper.ts";
import { addBackupRoutes } from "./backup/backup-routes.ts";
import { addClipRoutes } from "./clips/clip-routes.ts";
import { addExportRoutes, type ExportSources } from "./exports/export-routes.ts";
import { addFindingRoutes, type FindingSources } from "./finding/finding-routes.ts";
import { addPlaybackRoutes } from "./playback/playback-routes.ts";
import type { Recordings } from "./playback/recordings.ts";
import { addPreviewRoutes, type PreviewSources } from "./previews/preview-routes.ts";
import { Limit, read } from "./query.ts";
import { addRetentionRoutes, type RetentionReport } from "./retention/retention-report.ts";

/** What the routes answer from. */
export interface RouteSources extends FindingSources, PreviewSources, ExportSources {
  readonly recordings: Recordings;
  readonly retentionReport: RetentionReport;
  readonly backups: BackupKeeper;
}

const SegmentsQuery = z.strictObject({
  camera: CameraId.optional(),
  limit: Limit,
  before: z.coerce.number().int().min(1).optional(),
});

/** Adds the archive's routes. */
export function addRoutes(app: FastifyInstance, sources: RouteSources): void {
  const { recordings } = sources;
  app.get("/segments", (request) => {
    const { camera, before, limit } = read(SegmentsQuery, request.query);
    return recordings.segments(camera, before, limit);
  });
  addPlaybackRoutes(app, recordings);
  addFindingRoutes(app, sources);
  addClipRoutes(app, sources);
  addRetentionRoutes(app, sources);
  addPreviewRoutes(app, sources);
  addExportRoutes(app, sources);
  addBackupRoutes(app, sources.backups);
}
