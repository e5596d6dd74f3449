/**
 * An archive of months in seconds: rows through the store's own tables and triggers, as the service would write them, but in
 * large transactions that are not synced. Recordings are rows; files come later, where a moment is played (first-byte.ts).
 */
import { statSync } from "node:fs";
import { systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import { databaseFileOf, openForWriting } from "../src/store/database.ts";
import { makeStore, type Store } from "../src/store/store.ts";
import { type Dice, makeDice, pick } from "./dice.ts";
import type { MadeArchive } from "./result.ts";
import type { SegmentFile } from "./segment-file.ts";

/** 2026-01-01T00:00:00Z: where made archives begin. */
export const START_US = 1_767_225_600_000_000;
/** One day. */
export const DAY_US = 86_400_000_000;
const SEGMENT_US = 60_000_000;

/** What homes see, and how often. */
export const LABELS = [
  ["person", 34],
  ["car", 30],
  ["motion", 19],
  ["dog", 6],
  ["cat", 4],
  ["bicycle", 3],
  ["truck", 3],
  ["bird", 1],
] as const;
/** Zones; each camera has three of its own and shares the street. */
export const zonesOf = (camera: number) => [`drive ${camera}`, `front door ${camera}`, `garden ${camera}`, "street"];
const ZONE_CHANCES = [0.5, 0.15, 0.2, 0.1];
/** The cameras, the busiest first. */
export const cameraIdOf = (camera: number) => CameraId.parse(`camera-${camera + 1}`);

/** Events by the hour of the day: little at night, most when people leave and come home. */
const HOURS = [1, 1, 1, 1, 1, 2, 5, 9, 9, 6, 5, 6, 7, 6, 6, 7, 9, 10, 9, 7, 5, 4, 3, 2].map(
  (weight, hour) => [hour, weight] as const,
);

/** How large an archive. */
export interface MadeSize {
  readonly events: number;
  readonly cameras: number;
  readonly days: number;
}

/** Fills an empty state directory. file: what every segment's row says of its file. */
export function makeArchive(stateDir: string, size: MadeSize, file: SegmentFile): MadeArchive {
  const startedNs = systemClock.monoNs();
  const store = makeStore(openForWriting(stateDir));
  store.database.pragma("synchronous = off"); // nobody loses anything
  store.database.pragma("cache_size = -400000"); // KiB
  const dice = makeDice(7);
  const weights = Array.from({ length: size.cameras }, (_, camera) => [camera, 1 / (camera + 2)] as const);
  let segments = 0;
  for (let day = 0; day < size.days; day++) {
    const upTo = Math.floor((size.events * (day + 1)) / size.days) - Math.floor((size.events * day) / size.days);
    store.transaction(() => {
      for (const startWallUs of timesOfDay(dice, day, upTo)) {
        putEvent(store, dice, pick(dice, weights), startWallUs);
      }
    });
    store.transaction(() => {
      for (let camera = 0; camera < size.cameras; camera++) {
        segments += recordDay(store, dice, camera, day, file);
      }
    });
  }
  store.database.pragma("wal_checkpoint(truncate)");
  store.database.close();
  return { ...archiveFacts(stateDir, size, segments), madeInS: Number(systemClock.monoNs() - startedNs) / 1e9 };
}

/** What an archive made before holds. */
export function openMadeArchive(stateDir: string, size: MadeSize): MadeArchive {
  const database = openForWriting(stateDir);
  const count = (table: "event" | "segment") =>
    (database.prepare(`select count(*) as count from ${table}`).get() as { count: number }).count;
  const [events, segments] = [count("event"), count("segment")];
  database.close();
  return archiveFacts(stateDir, { ...size, events }, segments);
}

function archiveFacts(stateDir: string, { events, cameras, days }: MadeSize, segments: number): MadeArchive {
  return { events, segments, cameras, days, databaseMB: statSync(databaseFileOf(stateDir)).size / 1e6 };
}

function timesOfDay(dice: Dice, day: number, count: number): number[] {
  const times = Array.from(
    { length: count },
    () => START_US + day * DAY_US + Math.floor((pick(dice, HOURS) + dice()) * 3_600_000) * 1000,
  );
  return times.sort((a, b) => a - b);
}

function putEvent(store: Store, dice: Dice, camera: number, startWallUs: number): void {
  const slug = cameraIdOf(camera);
  const zones = zonesOf(camera).filter((_, index) => dice() < (ZONE_CHANCES[index] ?? 0));
  const score01 = Math.round(Math.min(1, 0.35 + dice() * 0.4 + dice() * 0.25) * 1000) / 1000;
  const endWallUs = startWallUs + Math.floor(2 + 40 * dice() * dice()) * 1_000_000;
  const event = {
    id: `${startWallUs.toString(16)}-${Math.floor(dice() * 2 ** 32).toString(16)}-${Math.floor(dice() * 2 ** 32).toString(16)}`,
    camera: slug,
    trackId: `t${Math.floor(dice() * 1e6)}`,
    label: pick(dice, LABELS),
    startWallUs,
    endWallUs,
    box: { x: dice() / 2, y: dice() / 2, width: 0.2, height: 0.3 },
    score01,
    topScore01: score01,
    zones,
    model: "yolox-s",
  };
  store.events.apply(store.cameras.ensure(slug), { event, lastWallUs: endWallUs });
}

/** A day of minutes; about every third day a camera is away for a while. */
function recordDay(store: Store, dice: Dice, camera: number, day: number, file: SegmentFile): number {
  const cameraRow = store.cameras.ensure(cameraIdOf(camera));
  const initSegmentId = store.cameras.ensureInit(file.initBytes, file.initFacts);
  const minutes = DAY_US / SEGMENT_US;
  const awayFrom = dice() < 0.35 ? Math.floor(dice() * (minutes - 60)) + 1 : minutes;
  const awayUntil = Math.min(minutes, awayFrom + 1 + Math.floor(dice() * 40));
  for (let minute = 0; minute < minutes; minute++) {
    const startWallUs = START_US + day * DAY_US + minute * SEGMENT_US;
    if (minute === awayFrom) {
      const endWallUs = START_US + day * DAY_US + awayUntil * SEGMENT_US;
      store.gaps.insert(cameraRow, { startWallUs, endWallUs, cause: "camera-disconnected" });
    }
    if (minute < awayFrom || minute >= awayUntil) {
      const id = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0 });
      store.segments.close({ ...file.facts, id, endWallUs: startWallUs + SEGMENT_US });
    }
  }
  return minutes - (awayUntil - awayFrom);
}
