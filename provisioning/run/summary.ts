/** The one object `npm start -- --for N --json` prints: measured by the services, put together here. */
import { askEndpoint, type Clock, requestJson } from "@lanthorn/base";
import { AutomationStatus, DecodeStatus, InferenceStatus, IngestStatus } from "@lanthorn/contract";
import { READ_STATUS } from "@lanthorn/contract/archive";
import type { Home } from "./home.ts";
import type { ManagedProcess } from "./managed-process.ts";
import type { CameraRequest } from "./options.ts";
import { processUsage } from "./usage.ts";

/** What a run did. Units are in the names; packets are network packets of the camera's transport. */
export interface Summary {
  readonly durationS: number;
  readonly cameras: readonly {
    readonly id: string;
    readonly source: string;
    readonly encrypted: boolean;
    readonly packetsIn: number;
    readonly packetsLost: number;
    readonly framesDecoded: number;
    readonly framesInferred: number;
    readonly events: number;
    readonly recordedS: number;
    readonly gapS: number;
  }[];
  readonly arrivalToEventMs: { readonly p50: number; readonly p95: number };
  readonly mqttMessages: number;
  readonly rejectedCallers: number;
  readonly services: readonly {
    readonly name: string;
    readonly rssMiB: number;
    readonly cpuPct: number;
    readonly restarts: number;
  }[];
}

/** Asks every service what it did since the start. */
export async function collectSummary(options: {
  readonly home: Home;
  readonly clock: Clock;
  readonly startedMonoNs: bigint;
  readonly cameras: readonly CameraRequest[];
  readonly processes: readonly ManagedProcess[];
}): Promise<Summary> {
  const { home, clock } = options;
  const status = (service: string) => requestJson(home.runDir, service, { path: "/status" });
  const ingest = IngestStatus.parse(await status("ingest"));
  const decode = DecodeStatus.parse(await status("decode"));
  const inference = InferenceStatus.parse(await status("inference"));
  const archive = await askEndpoint({ runDir: home.runDir, service: "archive" }, READ_STATUS);
  const automation = AutomationStatus.parse(await status("automation"));
  const durationS = Number(clock.monoNs() - options.startedMonoNs) / 1e9;
  const rowOf = <T extends { id: string }>(rows: readonly T[], id: string) => rows.find((row) => row.id === id);
  return {
    durationS: round(durationS),
    cameras: options.cameras.map(({ id, source }) => {
      const link = rowOf(ingest.cameras, id);
      return {
        id,
        source: withoutUserInfo(source),
        encrypted: link?.encrypted ?? false,
        packetsIn: link?.pktRecv ?? 0,
        packetsLost: (link?.pktRcvDrop ?? 0) + (link?.pktRcvUndecrypt ?? 0),
        framesDecoded: rowOf(decode.cameras, id)?.framesDecoded ?? 0,
        framesInferred: rowOf(inference.cameras, id)?.framesInferred ?? 0,
        events: rowOf(inference.cameras, id)?.events ?? 0,
        recordedS: round(rowOf(archive.cameras, id)?.recordedS ?? 0),
        gapS: round(rowOf(archive.cameras, id)?.gapS ?? 0),
      };
    }),
    arrivalToEventMs: { p50: round(inference.arrivalToEventMs.p50), p95: round(inference.arrivalToEventMs.p95) },
    mqttMessages: automation.messagesPublished,
    rejectedCallers: ingest.rejectedCallers,
    services: options.processes.map((process) => {
      const usage = process.pid === undefined ? undefined : processUsage(process.pid);
      return {
        name: process.spec.name,
        rssMiB: round(usage?.rssMiB ?? 0),
        // Since the process's start, which lies at most a few seconds before startedMonoNs.
        cpuPct: round(((usage?.cpuS ?? 0) / durationS) * 100),
        restarts: process.restarts,
      };
    }),
  };
}

/** The source as it may be shown: a URL loses user, password and query. */
export function withoutUserInfo(source: string): string {
  return /^(srt|rtsps?):\/\//.test(source) ? source.replace(/\/\/[^@/]*@/, "//").replace(/\?.*$/, "") : source;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
