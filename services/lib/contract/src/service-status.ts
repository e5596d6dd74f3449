/** What the other services answer to GET /status: the fields that others rely on. A service may add its own. */
import { z } from "zod";
import { CameraId } from "./ids.ts";
import { EFFECTIVE_MODES, STREAMS } from "./recording-settings.ts";

/** Every service's GET /health. */
export const ServiceHealth = z.object({
  service: z.string(),
  healthy: z.boolean(),
  faults: z.array(z.string()).describe("In words; empty when healthy"),
});

/** decode: one row a camera. */
export const DecodeStatus = z.looseObject({
  service: z.literal("decode"),
  cameras: z.array(
    z.looseObject({
      id: CameraId,
      state: z.string(),
      framesDecoded: z.number().int(),
      framesPublished: z.number().int(),
      errors: z.number().int(),
      lastError: z.string().nullable(),
      fps: z.number(),
    }),
  ),
});
/** decode: one row a camera. */
export type DecodeStatus = z.infer<typeof DecodeStatus>;

/** inference: what runs where, and how long events took. */
export const InferenceStatus = z.looseObject({
  service: z.literal("inference"),
  models: z.array(z.looseObject({ name: z.string(), executionProvider: z.string() })),
  cameras: z.array(
    z.looseObject({
      id: CameraId,
      framesInferred: z.number().int(),
      events: z.number().int(),
      inferenceMs: z.object({ p50: z.number(), p95: z.number() }),
    }),
  ),
  /** From the arrival of a frame's last byte to the event record being readable; over the last 1,000 events of any phase. */
  arrivalToEventMs: z.object({ p50: z.number(), p95: z.number(), count: z.number().int() }),
});
/** inference: what runs where, and how long events took. */
export type InferenceStatus = z.infer<typeof InferenceStatus>;

/** archive: what is on disk. One row a recorded stream, a camera's main stream first. */
export const ArchiveStatus = z.looseObject({
  service: z.literal("archive"),
  cameras: z.array(
    z.looseObject({
      id: CameraId,
      stream: z.enum(STREAMS),
      /** What holds for it now. */
      mode: z.enum(EFFECTIVE_MODES),
      /** False while it is recorded by events, nobody looks at its pictures, and so all of it is recorded. */
      watching: z.boolean(),
      /** How far back the packet ring reaches, and with it a pre-roll; null: not known, or everything since the stream began. */
      ringHoldsS: z.number().nullable(),
      /** Recordings of events that could not begin as early as wanted, since this service started. */
      shortPreRolls: z.number().int(),
      state: z.string(),
      /** Seconds of media durable on disk since this service started. */
      recordedS: z.number(),
      /** Seconds missing between the first durable fragment since start and now, as far as the camera was connected. */
      gapS: z.number(),
      segments: z.number().int(),
      bytes: z.number().int(),
    }),
  ),
});
/** archive: what is on disk. */
export type ArchiveStatus = z.infer<typeof ArchiveStatus>;

/** automation: the broker and what went out. */
export const AutomationStatus = z.looseObject({
  service: z.literal("automation"),
  broker: z.object({
    url: z.string(),
    embedded: z.boolean(),
    connected: z.boolean(),
    lastError: z.string().nullable(),
  }),
  messagesPublished: z.number().int(),
});
/** automation: the broker and what went out. */
export type AutomationStatus = z.infer<typeof AutomationStatus>;
