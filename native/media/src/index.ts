/** Streams into packet rings, packet rings into frame rings, packets into fragmented MP4, frames into RGB and JPEG. */
import { addon } from "./addon.ts";

export * from "./on-demand.ts";

addon(); // at once: a service that lives by it must not start without
