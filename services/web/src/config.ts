/** Configuration of the web service: web.toml. Documented in docs/ref/config.md. */
import { z } from "zod";

/** Every key has a default; unknown keys are errors. */
export const webConfig = z.strictObject({
  http: z
    .strictObject({
      /** Address to listen on; loopback by default, so that nothing on the LAN reaches it unasked. */
      host: z.string().min(1).default("127.0.0.1"),
      /** TCP port; 0 takes any free one, shown in /status and in the log. */
      port: z.number().int().min(0).max(65535).default(8420),
      /** Further host names this box is called by, beside IP addresses, localhost and *.local. */
      names: z.array(z.string().toLowerCase()).default([]),
    })
    .prefault({}),
  live: z
    .strictObject({
      /** Bytes waiting for one viewer above which frames are dropped up to the next key frame. */
      highWaterBytes: z
        .number()
        .int()
        .min(65536)
        .default(1024 * 1024), // 1 MiB: about 2 s of 4 Mbit/s
      /** Viewers over all cameras at once. */
      maxSessions: z.number().int().min(1).default(256),
    })
    .prefault({}),
});

/** The configuration as the service gets it. */
export type WebConfig = z.output<typeof webConfig>;
