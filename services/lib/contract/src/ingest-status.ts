/** What ingest answers to GET /status and GET /rejections. */
import { z } from "zod";
import { CameraId } from "./ids.ts";

/** Where a camera's connection stands. */
export const CONNECTION_STATES = ["waiting", "connecting", "connected", "disconnected"] as const;
/** One of CONNECTION_STATES. */
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Link quality. Rule: reference "Camera-side numbers": green: no drop and loss < 1 %; red: any drop in the last 10 s or undecryptable packets. */
export const TRAFFIC_LIGHTS = ["green", "amber", "red", "off"] as const;
/** One of TRAFFIC_LIGHTS. */
export type TrafficLight = (typeof TRAFFIC_LIGHTS)[number];

/** A camera's connection, as measured in the last second. */
export const CameraLink = z.object({
  id: CameraId,
  state: z.enum(CONNECTION_STATES),
  encrypted: z.boolean(),
  /** AES key length in bits; 0 when not encrypted or not connected. */
  keyLengthBits: z.number().int(),
  light: z.enum(TRAFFIC_LIGHTS),
  peer: z.string().nullable(),
  connectedSinceWallUs: z.number().int().nullable(),
  /** Why the last connection ended, in words. */
  lastDisconnectCause: z.string().nullable(),
  reconnects: z.number().int(),
  /** Network packets of the transport (SRT: libsrt's counters since connection, summed over connections). */
  pktRecv: z.number().int(),
  pktRcvLoss: z.number().int(),
  pktRcvRetrans: z.number().int(),
  pktRcvDrop: z.number().int(),
  pktRcvBelated: z.number().int(),
  pktRcvUndecrypt: z.number().int(),
  msRTT: z.number(),
  mbpsRecvRate: z.number(),
  /** Access units and audio frames written to the packet ring. */
  packets: z.number().int(),
  keyFrames: z.number().int(),
  continuityErrors: z.number().int(),
  discardedBytes: z.number().int(),
  codec: z.string().nullable(),
  widthPx: z.number().int().nullable(),
  heightPx: z.number().int().nullable(),
  fps: z.number().nullable(),
  keyFrameIntervalMs: z.number().nullable(),
  /** Age of the newest packet in milliseconds; null before the first. */
  lastPacketAgeMs: z.number().nullable(),
});
/** A camera's connection, as measured in the last second. */
export type CameraLink = z.infer<typeof CameraLink>;

/** Someone who was turned away; equal attempts of one peer are counted, not listed one by one. */
export const Rejection = z.object({
  peerHost: z.string(),
  streamId: z.string(),
  /** libsrt reject code, e.g. 1404. */
  code: z.number().int(),
  reason: z.string(),
  count: z.number().int(),
  firstWallUs: z.number().int(),
  lastWallUs: z.number().int(),
});
/** Someone who was turned away. */
export type Rejection = z.infer<typeof Rejection>;

/** Body of GET /status of ingest. */
export const IngestStatus = z.object({
  service: z.literal("ingest"),
  srtPort: z.number().int(),
  cameras: z.array(CameraLink),
  rejectedCallers: z.number().int(),
});
/** Body of GET /status of ingest. */
export type IngestStatus = z.infer<typeof IngestStatus>;
