/** Names that cross processes: cameras, rings, services. */
import { z } from "zod";

/** A camera's immutable slug, chosen when it is registered; in paths, topics and ring names. */
export const CameraId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "expected 1 to 31 characters of a-z, 0-9 and -, starting with a letter or digit")
  .brand<"CameraId">();
/** A camera's immutable slug. */
export type CameraId = z.infer<typeof CameraId>;

/** What a ring of a camera carries; the last part of its name. */
export const RING_CONTENTS = [
  "packets",
  "packets-sub",
  "frames",
  "audio",
  "imu",
  "depth",
  "matte",
  "results",
  "previews",
] as const;
/** One of RING_CONTENTS. */
export type RingContent = (typeof RING_CONTENTS)[number];

/** The ring's name: `<prefix>.<camera>.<content>`, e.g. `lanthorn.porch.frames`. */
export function ringName(prefix: string, camera: string, content: RingContent): string {
  return `${prefix}.${camera}.${content}`;
}
