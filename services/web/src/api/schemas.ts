/** What may be asked of the API; what it answers is in lib/contract (web-api.ts). */
import { CameraId, type CameraState, type ConnectionState } from "@lanthorn/contract";
import { z } from "zod";

/** Nothing may be given. */
export const Empty = z.strictObject({});

/** A camera in the path. */
export const CameraParams = z.object({ id: CameraId.describe("Camera id") });

/** Size of a still. */
export const PictureQuery = z.strictObject({
  widthPx: z.coerce.number().int().min(64).max(3840).default(640).describe("Widest picture wanted, pixels"),
  at: z.string().max(32).optional().describe("Ignored; makes a newer picture a new address"),
});

/** ingest's word for a connection, in the words of the live view. */
export const STATE_OF_CONNECTION: Readonly<Record<ConnectionState, CameraState>> = {
  waiting: "connecting",
  connecting: "connecting",
  connected: "live",
  disconnected: "offline",
};
