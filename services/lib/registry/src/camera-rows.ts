/** Rows of registry.db ↔ the contract's shapes. Pure but for the statements it is given a database for. */
import { Camera, type CameraSource } from "@lanthorn/contract";
import type { Database } from "better-sqlite3";

/** A row of table camera. */
export interface CameraRow {
  id: string;
  name: string;
  source_kind: CameraSource["kind"];
  source_url: string | null;
  stream_id: string;
  enabled: number;
  created_wall_us: number;
  sub_source_url: string | null;
  /** JSON of RecordingSettings. */
  recording: string;
  source_port: number | null;
  certificate_sha256: string | null;
}

/** A row of table camera_secret. */
export interface SecretRow {
  camera_id: string;
  field: string;
  sealed: Buffer;
}

/** All rows of cameras, by id. */
export function selectCameraRows(database: Database): CameraRow[] {
  return database.prepare<[], CameraRow>("select * from camera order by id").all();
}

/** All sealed secrets, by camera and field. */
export function selectSecretRows(database: Database): SecretRow[] {
  return database
    .prepare<[], SecretRow>("select camera_id, field, sealed from camera_secret order by camera_id, field")
    .all();
}

/** A row as the contract's frozen Camera. Throws: a ZodError when the row breaks the contract. */
export function cameraOfRow(row: CameraRow): Camera {
  const source =
    row.source_kind === "srt-listener"
      ? { kind: row.source_kind, ...(row.source_port === null ? {} : { port: row.source_port }) }
      : { kind: row.source_kind, url: row.source_url };
  return Object.freeze(
    Camera.parse({
      id: row.id,
      name: row.name,
      source,
      enabled: row.enabled === 1,
      createdWallUs: row.created_wall_us,
      subSourceUrl: row.sub_source_url,
      certificateSha256: row.certificate_sha256,
      recording: JSON.parse(row.recording),
    }),
  );
}
