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

/** The connection of one stream of a camera, as measured in the last second. */
export const StreamLink = z.object({
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
  /** Without those that came twice or too late. */
  pktRecvUnique: z.number().int(),
  pktRcvLoss: z.number().int(),
  pktRcvRetrans: z.number().int(),
  pktRcvDrop: z.number().int(),
  pktRcvBelated: z.number().int(),
  pktRcvUndecrypt: z.number().int(),
  /** Requests for missing packets that we sent. */
  pktSentNAK: z.number().int(),
  /** How far out of order packets came lately, packets. */
  pktReorderDistance: z.number().int(),
  /** What lost packets have to come again, as negotiated with the camera, milliseconds; 0 when not connected by SRT. */
  msRcvTsbPdDelay: z.number(),
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
  /** What the packet ring can hold, bytes; 0 while there is none. */
  ringBytes: z.number().int(),
  /** What it holds at the rate of the last minute, seconds; null while that is not known. */
  ringHoldsS: z.number().nullable(),
});
/** The connection of one stream of a camera, as measured in the last second. */
export type StreamLink = z.infer<typeof StreamLink>;

/** A camera's connection: that of its main stream, and that of its sub-stream, which is null where it never sent one. */
export const CameraLink = StreamLink.extend({ id: CameraId, sub: StreamLink.nullable() });
/** A camera's connection. */
export type CameraLink = z.infer<typeof CameraLink>;

/** A UDP port that cameras call, and the kernel's buffer of it. */
export const SrtPortState = z.object({
  port: z.number().int(),
  /** The camera whose own port it is; null: the common one. */
  camera: CameraId.nullable(),
  /** What the buffer may hold, as the kernel counts: 2,304 bytes a packet. */
  udpBufferBytes: z.number().int(),
  /** Packets that found it full since ingest started; those of connections are asked for again. */
  udpDropped: z.number().int(),
  /** -10: the thread that empties it runs before others; 0: ingest may not ask for that. */
  receiveThreadNice: z.number().int(),
});
/** A UDP port that cameras call. */
export type SrtPortState = z.infer<typeof SrtPortState>;

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
  /** The common port. */
  srtPort: z.number().int(),
  srtPorts: z.array(SrtPortState),
  cameras: z.array(CameraLink),
  rejectedCallers: z.number().int(),
});
/** Body of GET /status of ingest. */
export type IngestStatus = z.infer<typeof IngestStatus>;
