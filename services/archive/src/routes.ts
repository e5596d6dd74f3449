/** The archive's HTTP interface on its unix socket. Described in docs/ref/http.md#archive. */
import { buildOpenApi } from "@lanthorn/base";
import { ARCHIVE_ENDPOINTS, READ_OPENAPI } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import type { BackupKeeper } from "./backup/backup-keeper.ts";
import { addBackupRoutes } from "./backup/backup-routes.ts";
import { addClipRoutes } from "./clips/clip-routes.ts";
import { addExportRoutes, type ExportSources } from "./exports/export-routes.ts";
import { addFindingRoutes, type FindingSources } from "./finding/finding-routes.ts";
import { addPlaybackRoutes } from "./playback/playback-routes.ts";
import type { Recordings } from "./playback/recordings.ts";
import { addPreviewRoutes, type PreviewSources } from "./previews/preview-routes.ts";
import { addRetentionRoutes, type RetentionReport } from "./retention/retention-report.ts";
import { serve } from "./serve.ts";
import { addSimilarityRoutes, type SimilaritySources } from "./similarity/similarity-routes.ts";

/** What the routes answer from. */
export interface RouteSources extends FindingSources, PreviewSources, ExportSources, SimilaritySources {
  readonly recordings: Recordings;
  readonly retentionReport: RetentionReport;
  readonly backups: BackupKeeper;
}

/** Adds the archive's routes. */
export function addRoutes(app: FastifyInstance, sources: RouteSources): void {
  addPlaybackRoutes(app, sources.recordings);
  addFindingRoutes(app, sources);
  addClipRoutes(app, sources);
  addRetentionRoutes(app, sources);
  addPreviewRoutes(app, sources);
  addExportRoutes(app, sources);
  addBackupRoutes(app, sources.backups);
  addSimilarityRoutes(app, sources);
  const document = buildOpenApi({
    title: "Lanthorn archive",
    summary: "Recordings, events and all that is kept of them, on archive.sock.",
    version: "0.1.0",
    endpoints: ARCHIVE_ENDPOINTS,
  });
  serve(app, READ_OPENAPI, () => document);
}
