/** Configuration of services/ingest. */
import { CameraId } from "@lanthorn/contract";
import { z } from "zod";

/** Strict: an unknown key is an error. */
export const ingestConfig = z.strictObject({
  srt: z
    .strictObject({
      /** Numeric address that cameras call: 127.0.0.1 is this machine only, 0.0.0.0 every network. restart: true. */
      host: z.union([z.ipv4(), z.ipv6()]).default("127.0.0.1"),
      /** UDP port that cameras call; 0 takes any free one. restart: true. */
      port: z.number().int().min(0).max(65_535).default(9710),
      /** Least time that lost packets have to be sent again, milliseconds; a camera may ask for more. restart: true. */
      latencyMs: z.number().int().min(20).max(8000).default(120),
      /**
       * UDP ports of their own, by camera id, for encoders that cannot send a stream id; such a camera calls there only.
       * restart: true.
       */
      cameraPorts: z.record(CameraId, z.number().int().min(1024).max(65_535)).default({}),
    })
    .superRefine(({ port, cameraPorts }, context) => {
      const taken = new Set([port]);
      for (const [camera, own] of Object.entries(cameraPorts)) {
        if (taken.has(own)) {
          const message = `expected a port that nothing else of ingest has but received ${own}`;
          context.addIssue({ code: "custom", path: ["cameraPorts", camera], message });
        }
        taken.add(own);
      }
    })
    .prefault({}),
});
