/** Configuration of services/cameras. */
import { z } from "zod";

/** Strict: an unknown key is an error. */
export const camerasConfig = z.strictObject({
  /** Most cameras that may be registered; a bound against runaway callers. restart: true. */
  maxCameras: z.number().int().min(1).max(1000).default(256),
});
