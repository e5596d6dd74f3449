/** A camera's telemetry and availability from what ingest says of its link. Pure. */
import type { CameraLink } from "@lanthorn/contract";

/** Payload of `lanthorn/<camera>/telemetry`; null is "not known". */
export interface Telemetry {
  readonly fps: number | null;
  readonly bitrate_kbps: number;
  readonly rtt_ms: number;
  /** Percent of network packets lost on the way since the last telemetry (most of them came again in time). */
  readonly loss_pct: number;
  /** Packets given up since the camera connected first. */
  readonly dropped: number;
  /** From the arrival of a frame to its event record, of the last event; null before the first. */
  readonly latency_ms: number | null;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** A stream without packets for this long is not running, milliseconds. */
const SILENT_MS = 5000;

/** Whether the camera's stream runs. */
export function isOnline(link: CameraLink | undefined): boolean {
  return link?.state === "connected" && link.lastPacketAgeMs !== null && link.lastPacketAgeMs < SILENT_MS;
}

/** Builds the telemetry. before: the link at the last telemetry, for differences of counters. */
export function telemetry(link: CameraLink, before: CameraLink | undefined, latencyMs: number | undefined): Telemetry {
  const received = increase(link.pktRecv, before?.pktRecv);
  const lost = increase(link.pktRcvLoss, before?.pktRcvLoss);
  return {
    fps: link.fps === null ? null : round(link.fps, 1),
    bitrate_kbps: Math.round(link.mbpsRecvRate * 1000),
    rtt_ms: round(link.msRTT, 1),
    loss_pct: received + lost === 0 ? 0 : round((100 * lost) / (received + lost), 2),
    dropped: link.pktRcvDrop,
    latency_ms: latencyMs === undefined ? null : round(latencyMs, 1),
    codec: link.codec,
    width: link.widthPx,
    height: link.heightPx,
  };
}

function increase(now: number, before: number | undefined): number {
  return before === undefined || now < before ? now : now - before; // smaller: ingest was restarted and counts anew
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
