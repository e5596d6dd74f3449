/** Loads the addon that `npm run build` puts at native/srt/dist/srt.node. */
import { createRequire } from "node:module";
import type { SrtEvent, SrtStatistics, UdpSocketState } from "./records.ts";
import type { SrtSenderState, SrtSenderStatistics } from "./sender.ts";

/** Why a native call failed: a member of ltn_srt_status_e and words. */
export interface NativeFailure {
  readonly status: number;
  readonly message: string;
}

/** A row of the access table as the binding reads it: every field present. */
export interface NativeAccessEntry {
  readonly cameraId: string;
  readonly streamIds: readonly string[];
  readonly passphrase: string;
  readonly nextPassphrase: string;
  readonly enabled: boolean;
  readonly callPort: number;
}

/** Options of a call as the binding reads them: every field present. */
export interface NativeCallOptions {
  readonly host: string;
  readonly port: number;
  readonly streamId: string;
  readonly passphrase: string;
  readonly latencyMs: number;
  readonly connectTimeoutMs: number;
}

/** Options of a listener as the binding reads them: every field present. */
export interface NativeListenOptions {
  readonly host: string;
  readonly port: number;
  readonly latencyMs: number;
  readonly takeoverAfterMs: number;
  readonly cameraId: string;
}

/** The native listener object. */
export interface NativeListener {
  open(options: NativeListenOptions): NativeFailure | undefined;
  port(): number;
  udp(): UdpSocketState;
  setAccess(rows: readonly NativeAccessEntry[]): NativeFailure | undefined;
  attach(cameraId: string, sink: object): boolean;
  detach(cameraId: string): void;
  drop(cameraId: string): void;
  poll(): SrtEvent[];
  lostEvents(): number;
  statistics(cameraId: string): SrtStatistics | undefined;
  close(): void;
}

/** The native caller object. */
export interface NativeCaller {
  open(options: NativeCallOptions, sink: object): NativeFailure | false | undefined;
  poll(): SrtEvent[];
  statistics(): SrtStatistics | undefined;
  close(): void;
}

/** The native sender object. */
export interface NativeSender {
  open(options: NativeCallOptions): NativeFailure | undefined;
  state(): SrtSenderState;
  send(bytes: Uint8Array): number;
  statistics(): SrtSenderStatistics | undefined;
  close(): void;
}

/** The native counting sink. */
export interface NativeByteCounter {
  sink(): object;
  read(): { bytes: number; pushes: number; discontinuities: number; foreignPushes: number };
}

/** What binding/addon.cpp exports. */
export interface SrtAddon {
  turns(): bigint;
  libraryWarnings(): number;
  floods(): number;
  SrtListener: new () => NativeListener;
  SrtCaller: new () => NativeCaller;
  SrtSender: new () => NativeSender;
  ByteCounter: new () => NativeByteCounter;
}

/** The loaded addon. */
export const addon = createRequire(import.meta.url)("../dist/srt.node") as SrtAddon;
