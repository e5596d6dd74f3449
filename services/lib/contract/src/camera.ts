/** A camera as every service may know it: no secret in here. */
import { z } from "zod";
import { CameraId } from "./ids.ts";
import { RecordingSettings } from "./recording-settings.ts";

/** How a camera's stream reaches the box. */
export const CameraSource = z.discriminatedUnion("kind", [
  /** The camera calls our SRT listener. port: a UDP port of its own, for encoders that cannot send a stream id. */
  z.strictObject({ kind: z.literal("srt-listener"), port: z.number().int().min(1024).max(65_535).optional() }),
  /** We call the camera, which listens. url: srt://host:port, without passphrase. */
  z.strictObject({ kind: z.literal("srt-caller"), url: z.string().startsWith("srt://") }),
  /** We read RTSP; user and password lie encrypted beside the row. url: rtsp(s)://host/path without user info. */
  z.strictObject({ kind: z.literal("rtsp"), url: z.string().regex(/^rtsps?:\/\//) }),
]);
/** How a camera's stream reaches the box. */
export type CameraSource = z.infer<typeof CameraSource>;

/** SHA-256 of a certificate (its DER): 64 hex digits in lower case. */
export const CertificateSha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256: 64 hex digits");

/** A registered camera. */
export const Camera = z.object({
  id: CameraId,
  /** Shown to people; may change at any time. */
  name: z.string().min(1).max(64),
  source: CameraSource,
  /** Where its sub-stream is called, like source.url; null: it has none, or it calls us under its stream id and `/sub`. */
  subSourceUrl: z.string().min(1).max(1024).nullable().default(null),
  /** The certificate that an RTSPS camera must show, for both streams; null: it has shown none yet, and its first is kept. */
  certificateSha256: CertificateSha256.nullable().default(null),
  enabled: z.boolean(),
  /** Unix time in microseconds. */
  createdWallUs: z.number().int(),
  recording: RecordingSettings.prefault({}),
});
/** A registered camera. */
export type Camera = z.infer<typeof Camera>;

/** Whether what travels from the camera to the box is encrypted. */
export function isEncrypted(source: CameraSource): boolean {
  return source.kind !== "rtsp" || source.url.startsWith("rtsps://");
}
