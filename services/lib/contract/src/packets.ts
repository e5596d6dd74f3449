/** The description of a packet ring: which streams its records belong to. Written by ingest, read by everyone. */
import { z } from "zod";

/** One stream of a camera. */
export const PacketStream = z.discriminatedUnion("type", [
  z.object({
    index: z.number().int(),
    type: z.literal("video"),
    /** FFmpeg's name. */
    codec: z.enum(["h264", "hevc"]),
    widthPx: z.number().int(),
    heightPx: z.number().int(),
    /** Base64 of the parameter sets in Annex B. */
    extradata: z.string(),
    /** RFC 6381, for browsers: avc1.64001f. */
    codecString: z.string(),
    fps: z.number().optional(),
  }),
  z.object({
    index: z.number().int(),
    type: z.literal("audio"),
    codec: z.enum(["aac", "opus"]),
    sampleRateHz: z.number().int(),
    channels: z.number().int(),
    /** Base64 of the AudioSpecificConfig (aac) or OpusHead (opus). */
    extradata: z.string(),
    codecString: z.string(),
  }),
  z.object({ index: z.number().int(), type: z.literal("data"), codec: z.string() }),
]);
/** One stream of a camera. */
export type PacketStream = z.infer<typeof PacketStream>;

/** The JSON description of a packet ring. */
export const PacketRingDescription = z.object({ camera: z.string(), streams: z.array(PacketStream) });
/** The JSON description of a packet ring. */
export type PacketRingDescription = z.infer<typeof PacketRingDescription>;
