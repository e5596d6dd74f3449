/**
 * How wrong the forecast is: eight cameras are simulated for a day, forecast, then recorded on until every one of them keeps what it is
 * going to keep. Rows of the real schema in memory, the real planner and rules, the real forecast; no files, and no clock but the
 * simulation's. Days and nights, weekends, events and chance make rates vary.
 */
import { CameraId, RecordingSettings } from "@lanthorn/contract";
import Sqlite from "better-sqlite3";
import { type CameraHistory, readHistories } from "../src/retention/camera-history.ts";
import { forecastAll } from "../src/retention/forecast.ts";
import { RetentionPlanner } from "../src/retention/retention-planner.ts";
import { migrate } from "../src/store/migrations.ts";
import { makeStore, type Store } from "../src/store/store.ts";
import { type Dice, makeDice } from "./dice.ts";
import type { ForecastResult } from "./result.ts";

const START_US = 1_767_571_200_000_000; // 2026-01-05T00:00:00Z, a Monday
const HOUR_US = 3_600_000_000;
const SEGMENT_US = 300_000_000;
/** Long enough for the camera that keeps most, and a week to measure. */
const DAYS = 35;
const MEASURED_DAYS = 7;

/** mbps: by day. The rest: what its owner has set. */
const CAMERAS = [
  { mbps: 4, retention: {} },
  { mbps: 8, retention: {} },
  { mbps: 2, retention: { maxDays: 5 } },
  { mbps: 4, retention: { maxBytes: 150e9 } },
  { mbps: 6, retention: { minDays: 12 } },
  { mbps: 4, retention: { maxDays: 6, eventDays: 18 } },
  { mbps: 1, retention: {} },
  { mbps: 3, retention: { maxDays: 25 } },
].map(({ mbps, retention }, index) => ({
  id: CameraId.parse(`camera-${index + 1}`),
  mbps,
  settings: RecordingSettings.parse({ retention }),
}));
const ROOM_BYTES = 2.4e12;
const settingsOf = (camera: string) => CAMERAS.find(({ id }) => id === camera)?.settings ?? RecordingSettings.parse({});
const rest = () => Promise.resolve();

/** Simulates; the same world for the same seed. */
export async function measureForecast(seed = 11): Promise<ForecastResult> {
  const database = new Sqlite(":memory:");
  try {
    migrate(database);
    const store = makeStore(database);
    return await simulate(store, makeDice(seed));
  } finally {
    database.close();
  }
}

async function simulate(store: Store, dice: Dice): Promise<ForecastResult> {
  const planner = new RetentionPlanner({ store, settingsOf, rest });
  const kept = new Map<string, number[]>(CAMERAS.map(({ id }) => [id, []]));
  let forecasts: ReturnType<typeof forecastAll> = [];
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const nowUs = START_US + (hour + 1) * HOUR_US;
    store.transaction(() => {
      for (const camera of CAMERAS) {
        recordHour(store, dice, camera, nowUs - HOUR_US);
      }
    });
    await makeRoom(store, planner, nowUs, hour);
    if (hour === 23) {
      forecasts = forecastAll(await readHistories({ store, settingsOf, rest }, nowUs), ROOM_BYTES, 0);
    }
    if (hour >= (DAYS - MEASURED_DAYS) * 24 && hour % 6 === 0) {
      for (const history of await readHistories({ store, settingsOf, rest }, nowUs)) {
        kept.get(history.camera)?.push(daysOf(history));
      }
    }
  }
  const cameras = forecasts.map(({ camera, days, limitedBy }) => {
    const seen = kept.get(camera) ?? [];
    const keptDays = seen.reduce((sum, each) => sum + each, 0) / seen.length;
    return { camera, limitedBy, forecastDays: days, keptDays, errorPct: (Math.abs(days - keptDays) / keptDays) * 100 };
  });
  return { forecastErrorPct: Math.max(...cameras.map(({ errorPct }) => errorPct)), cameras };
}

const daysOf = ({ daysKept }: CameraHistory) => daysKept;

function recordHour(store: Store, dice: Dice, { id, mbps }: (typeof CAMERAS)[number], fromUs: number): void {
  const cameraRow = store.cameras.ensure(id);
  const facts = { codecs: "avc1.64001f", widthPx: 1920, heightPx: 1080, hasAudio: false };
  const initSegmentId = store.cameras.ensureInit(Buffer.from("init"), facts);
  const hourOfDay = new Date(fromUs / 1000).getUTCHours();
  const isWeekend = [0, 6].includes(new Date(fromUs / 1000).getUTCDay());
  // Nights cost half: noise of the sensor against stillness; dusk and dawn lie between.
  const light = 0.5 + 0.5 * Math.max(0, Math.sin(((hourOfDay - 5) / 16) * Math.PI));
  const weather = 0.95 + 0.1 * dice();
  for (let startWallUs = fromUs; startWallUs < fromUs + HOUR_US; startWallUs += SEGMENT_US) {
    const isEvent = dice() < (hourOfDay > 5 && hourOfDay < 23 ? 0.18 : 0.03) * (isWeekend ? 1.3 : 1);
    if (isEvent) {
      putEvent(store, dice, cameraRow, startWallUs + Math.floor(dice() * (SEGMENT_US - 60_000_000)));
    }
    const rate = mbps * light * weather * (isWeekend ? 1.06 : 1) * (isEvent ? 1.25 : 1) * (0.9 + 0.2 * dice());
    const fileBytes = Math.round((rate * 1e6 * SEGMENT_US) / 8e6);
    const segment = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0 });
    const end = { endWallUs: startWallUs + SEGMENT_US, duration90k: 27_000_000, fragments: 300, keyFragments: 300 };
    store.segments.close({ id: segment, ...end, headerBytes: 1000, mediaBytes: fileBytes - 1000, fileBytes });
  }
}

function putEvent(store: Store, dice: Dice, cameraRow: number, startWallUs: number): void {
  const endWallUs = startWallUs + Math.floor(5 + 40 * dice()) * 1_000_000;
  const event = {
    id: `${cameraRow}-${startWallUs}`,
    camera: CameraId.parse("any"),
    trackId: "t",
    label: "person",
    startWallUs,
    endWallUs,
    box: { x: 0.1, y: 0.1, width: 0.2, height: 0.3 },
    score01: 0.8,
    topScore01: 0.8,
    zones: [],
    model: "simulated",
  };
  store.events.apply(cameraRow, { event, lastWallUs: endWallUs });
}

/** What DiskKeeper does, on a disk that is exactly as large as said. */
async function makeRoom(store: Store, planner: RetentionPlanner, nowUs: number, hour: number): Promise<void> {
  for (;;) {
    const usedBytes = [...store.segments.bytesByDisk().values()].reduce((sum, bytes) => sum + bytes, 0);
    const diskBytes = new Map(usedBytes > ROOM_BYTES ? [[1, usedBytes - ROOM_BYTES]] : []);
    const { victims, isMore } = await planner.plan({
      nowUs,
      era: String(Math.floor(hour / 24)),
      diskBytes,
      anywhereBytes: 0,
    });
    if (victims.length === 0 && !isMore) {
      return;
    }
    store.transaction(() => {
      for (const { segment } of victims.toSorted((a, b) => a.segment.id - b.segment.id)) {
        store.segments.markDeleting(segment.id);
        store.retention.closeHole(segment);
        store.segments.remove(segment.id);
      }
    });
  }
}
