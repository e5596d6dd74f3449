/** Answers GET /retention: how far each camera reaches back, and how far it will. Described in docs/ref/http.md#archive. */
import type { Clock } from "@lanthorn/base";
import { RecordingSettings, type Retention } from "@lanthorn/contract";
import { READ_RETENTION } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import type { DiskSet } from "../disks/disk-set.ts";
import { serve } from "../serve.ts";
import type { Store } from "../store/store.ts";
import { type CameraHistory, readHistories } from "./camera-history.ts";
import type { DiskKeeper } from "./disk-keeper.ts";
import { type Forecast, forecastAll } from "./forecast.ts";

/** What the report is made from. */
export interface RetentionReportSources {
  readonly store: Store;
  readonly disk: DiskKeeper;
  readonly disks: DiskSet;
  readonly clock: Clock;
  readonly settingsOf: (camera: string) => RecordingSettings | undefined;
}

/** An answer is given again for so long: it reads weeks of rows. */
const FRESH_NS = 60_000_000_000n;
const DEFAULTS = RecordingSettings.parse({});

/** Makes the report, at most once a minute while settings stay, and once at a time. */
export class RetentionReport {
  readonly #sources: RetentionReportSources;
  #made: { readonly atNs: bigint; readonly settings: string; readonly report: Promise<Retention> } | undefined;

  constructor(sources: RetentionReportSources) {
    this.#sources = sources;
  }

  /** The report. Made anew too when somebody has set something else: he wants to see what comes of it. */
  read(): Promise<Retention> {
    const { clock, settingsOf, store } = this.#sources;
    const nowNs = clock.monoNs();
    const settings = JSON.stringify(store.cameras.list().map(({ slug }) => settingsOf(slug)));
    const last = this.#made;
    if (last !== undefined && settings === last.settings && nowNs - last.atNs <= FRESH_NS) {
      return last.report;
    }
    const before = last?.report.catch(() => undefined); // once at a time
    const report = (before ?? Promise.resolve()).then(() => this.#make());
    this.#made = { atNs: nowNs, settings, report };
    report.catch(() => {
      if (this.#made?.report === report) {
        this.#made = undefined;
      }
    });
    return report;
  }

  async #make(): Promise<Retention> {
    const { store, clock } = this.#sources;
    const settingsOf = (camera: string) => this.#sources.settingsOf(camera) ?? DEFAULTS;
    const asOfUs = clock.wallUs();
    const histories = await readHistories({ store, settingsOf, rest: () => clock.sleep(0) }, asOfUs);
    const { roomBytes, besidesBytes } = this.#room();
    const oldestDays = Math.max(0, ...histories.map(({ daysKept }) => daysKept));
    const besidesPerDay = oldestDays < 1 ? 0 : besidesBytes / oldestDays;
    const room = Math.max(0, roomBytes + (oldestDays < 1 ? 0 : besidesBytes) - this.#clipBytes());
    const forecasts = forecastAll(histories, room, besidesPerDay);
    const cameras = histories.map((history, index) => inWords(history, forecasts[index]));
    return { asOfUs, roomBytes: Math.round(roomBytes), cameras };
  }

  /** What recordings may take on all disks in use, and what grows and goes with them. */
  #room(): { roomBytes: number; besidesBytes: number } {
    const { disk, disks } = this.#sources;
    const { thumbnails, previews, database, wal, recordings: _recordings, exports, backups } = disk.usage;
    const besidesBytes = thumbnails + previews + database + wal;
    let roomBytes = 0;
    for (const { id, wish } of disks.list()) {
      const room = disk.rooms.get(id);
      if (room !== undefined && wish !== undefined) {
        const ours = disk.recordingBytesOn(id);
        const byFree = ours + room.figures.freeBytes - room.floorBytes;
        roomBytes += wish.maxBytes > 0 ? Math.min(byFree, wish.maxBytes) : byFree;
      }
    }
    const limit = disk.maxBytes > 0 ? disk.maxBytes - besidesBytes - exports - backups : Number.POSITIVE_INFINITY;
    return { roomBytes: Math.max(0, Math.min(roomBytes, limit)), besidesBytes };
  }

  /** What clips keep; what two clips keep counts twice. */
  #clipBytes(): number {
    const { store } = this.#sources;
    let bytes = 0;
    for (const { id, slug } of store.cameras.list()) {
      for (const { fromUs, toUs } of store.clips.spansOf(slug)) {
        bytes += store.retention.totalsIn(id, fromUs, toUs).bytes;
      }
    }
    return bytes;
  }
}

function inWords(history: CameraHistory, forecast: Forecast | undefined): Retention["cameras"][number] {
  const { camera, bytes, bytesPerDay, daysKept, historyHours, limits } = history;
  const isKnown = forecast !== undefined && bytesPerDay > 0;
  const daysOrNull = (days: number) => (isKnown && Number.isFinite(days) ? days : null);
  return {
    camera: camera as Retention["cameras"][number]["camera"],
    bytes,
    bytesPerDay,
    daysKept,
    forecastDays: daysOrNull(forecast?.days ?? 0),
    forecastEventDays: daysOrNull(forecast?.eventDays ?? 0),
    limitedBy: isKnown ? forecast.limitedBy : "none",
    minDays: limits.minDays,
    guaranteeMet: !isKnown || forecast.days >= limits.minDays * 0.999,
    historyHours,
  };
}

/** Adds the route. */
export function addRetentionRoutes(
  app: FastifyInstance,
  { retentionReport }: { retentionReport: RetentionReport },
): void {
  serve(app, READ_RETENTION, () => retentionReport.read());
}
