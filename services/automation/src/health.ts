/** How the box is, for bridge/health. The file reads the machine; what it cannot know is null, never a guess. */
import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { cpus } from "node:os";
import type { ArchiveStatus, DecodeStatus, InferenceStatus } from "@lanthorn/contract";

/** Payload of `lanthorn/bridge/health`. */
export interface Health {
  readonly cpu_pct: number | null;
  readonly mem_used_pct: number | null;
  readonly temp_c: number | null;
  readonly disk_used_pct: number | null;
  /** Seconds of recording durable on disk since archive started, over all cameras. */
  readonly recorded_s: number | null;
  readonly decode_fps: number | null;
  readonly infer_p50_ms: number | null;
  readonly infer_p95_ms: number | null;
  readonly event_p95_ms: number | null;
  readonly cameras: number;
  readonly cameras_online: number;
}

/** What the other services said; undefined where one does not answer. */
export interface ServiceAnswers {
  readonly decode: DecodeStatus | undefined;
  readonly inference: InferenceStatus | undefined;
  readonly archive: ArchiveStatus | undefined;
}

/** What the machine says of itself. */
export interface MachineReading {
  readonly cpu_pct: number | null;
  readonly mem_used_pct: number | null;
  readonly temp_c: number | null;
  readonly disk_used_pct: number | null;
}

/** Puts the payload together. Pure. */
export function healthPayload(
  machine: MachineReading,
  answers: ServiceAnswers,
  cameras: { readonly all: number; readonly online: number },
): Health {
  const { decode, inference, archive } = answers;
  const busiest = inference?.cameras.toSorted((a, b) => b.inferenceMs.p95 - a.inferenceMs.p95)[0];
  const hasEvents = inference !== undefined && inference.arrivalToEventMs.count > 0;
  return {
    ...machine,
    recorded_s: archive === undefined ? null : sum(archive.cameras.map(({ recordedS }) => recordedS)),
    decode_fps: decode === undefined ? null : sum(decode.cameras.map(({ fps }) => fps)),
    infer_p50_ms: busiest === undefined ? null : round(busiest.inferenceMs.p50),
    infer_p95_ms: busiest === undefined ? null : round(busiest.inferenceMs.p95),
    event_p95_ms: hasEvents ? round(inference.arrivalToEventMs.p95) : null,
    cameras: cameras.all,
    cameras_online: cameras.online,
  };
}

/** Reads CPU, memory, temperature and disk; CPU is the mean since the reading before. */
export class MachineReader {
  readonly #stateDir: string;
  #before = cpuTimes();

  /** stateDir: on the file system whose fill level counts. */
  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** One reading. */
  read(): MachineReading {
    const now = cpuTimes();
    const totalMs = now.totalMs - this.#before.totalMs;
    const busyPct = totalMs <= 0 ? null : round(100 * (1 - (now.idleMs - this.#before.idleMs) / totalMs));
    this.#before = now;
    return {
      cpu_pct: busyPct,
      mem_used_pct: orNull(memoryUsedPct),
      temp_c: orNull(temperatureC),
      disk_used_pct: orNull(() => diskUsedPct(this.#stateDir)),
    };
  }
}

function cpuTimes(): { idleMs: number; totalMs: number } {
  let idleMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    idleMs += times.idle;
    totalMs += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idleMs, totalMs };
}

function memoryUsedPct(): number | null {
  const text = readFileSync("/proc/meminfo", "utf8");
  const kiB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  // MemAvailable, not MemFree: the page cache is not used up.
  const usedPct = 100 * (1 - kiB("MemAvailable") / kiB("MemTotal"));
  return Number.isFinite(usedPct) ? round(usedPct) : null;
}

/** The hottest thermal zone: on most boards the processor's. */
function temperatureC(): number | null {
  const base = "/sys/class/thermal";
  const zones = readdirSync(base).filter((name) => name.startsWith("thermal_zone"));
  const milliC = zones.map((zone) => orNull(() => Number(readFileSync(`${base}/${zone}/temp`, "utf8"))) ?? Number.NaN);
  const hottest = Math.max(...milliC.filter(Number.isFinite));
  return Number.isFinite(hottest) ? round(hottest / 1000) : null;
}

function diskUsedPct(directory: string): number {
  const { blocks, bfree, bavail } = statfsSync(directory);
  const used = blocks - bfree;
  return round((100 * used) / (used + bavail)); // as df counts: blocks kept for root are neither used nor available
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null; // not every machine has it, and the unit's sandbox hides some of it
  }
}

function sum(values: readonly number[]): number {
  return round(values.reduce((total, value) => total + value, 0));
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
