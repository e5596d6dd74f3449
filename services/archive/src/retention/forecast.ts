/**
 * How many days of each camera the disks will hold in the long run, under the rules of retention-rules.ts. Pure.
 * Source: docs/design/archive.md#forecast. Tested: test/retention/forecast.test.ts; its error: bench/forecast.ts.
 */
import type { RETENTION_LIMITS, RetentionSettings } from "@lanthorn/contract";
import { eventFactorOf, limitDaysOf } from "./retention-rules.ts";

/** A camera to be forecast. */
export interface ForecastCamera {
  readonly camera: string;
  readonly limits: RetentionSettings;
  readonly bytesPerDay: number;
  /** Part of it that belongs to events, 0..1. */
  readonly eventShare01: number;
}

/** What will be. */
export interface Forecast {
  readonly camera: string;
  /** Infinity: no end within ten years. */
  readonly days: number;
  readonly eventDays: number;
  readonly limitedBy: (typeof RETENTION_LIMITS)[number];
}

/** As far as is looked. */
const FAR_DAYS = 3650;
/** Halvings: 3,650 days to the second. */
const STEPS = 40;

/** What a camera keeps when everything unguaranteed that is older than `days` goes. guarantee01: how much of guarantees can be met. */
function keptBy({ limits, bytesPerDay, eventShare01 }: ForecastCamera, days: number, guarantee01: number) {
  const guaranteedDays = limits.minDays * guarantee01;
  const ordinaryDays = Math.min(limitDaysOf(limits, false) ?? FAR_DAYS, Math.max(days, guaranteedDays));
  const agingDays = days / Math.max(eventFactorOf(limits), 1e-9);
  const limitDays = limitDaysOf(limits, true) ?? FAR_DAYS;
  const eventDays = limits.eventDays === null ? ordinaryDays : Math.min(limitDays, Math.max(agingDays, guaranteedDays));
  return {
    ordinaryDays,
    eventDays,
    bytes: bytesPerDay * ((1 - eventShare01) * ordinaryDays + eventShare01 * eventDays),
  };
}

/** The largest value in [0, most] for which `fits` holds; it holds below it and not above. */
function largest(most: number, fits: (value: number) => boolean): number {
  if (fits(most)) {
    return most;
  }
  let [low, high] = [0, most];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    [low, high] = fits(middle) ? [middle, high] : [low, middle];
  }
  return low;
}

/**
 * Forecasts all cameras together: they share the room. besidesPerDay: what pictures and rows of a day take, which go with the oldest
 * recordings. All disks count as one.
 */
export function forecastAll(cameras: readonly ForecastCamera[], roomBytes: number, besidesPerDay: number): Forecast[] {
  const ownDays = new Map(
    cameras.map((camera) => {
      const { maxBytes } = camera.limits;
      return [
        camera.camera,
        maxBytes === null ? FAR_DAYS : largest(FAR_DAYS, (days) => keptBy(camera, days, 0).bytes <= maxBytes),
      ];
    }),
  );
  const daysOf = (camera: ForecastCamera, days: number) => Math.min(days, ownDays.get(camera.camera) ?? FAR_DAYS);
  // A camera's own limit of bytes stands above its guarantee.
  const met = (camera: ForecastCamera, guarantee01: number) => (camera.limits.maxBytes === null ? guarantee01 : 0);
  const need = (days: number, guarantee01: number) =>
    cameras.reduce(
      (sum, camera) => sum + keptBy(camera, daysOf(camera, days), met(camera, guarantee01)).bytes,
      Math.min(days, FAR_DAYS) * besidesPerDay,
    );
  const guarantee01 = largest(1, (part) => need(0, part) <= roomBytes);
  const commonDays = guarantee01 < 1 ? 0 : largest(FAR_DAYS, (days) => need(days, 1) <= roomBytes);
  return cameras.map((camera) => {
    const kept = keptBy(camera, daysOf(camera, commonDays), met(camera, guarantee01));
    const isFar = kept.ordinaryDays >= FAR_DAYS;
    return {
      camera: camera.camera,
      days: isFar ? Number.POSITIVE_INFINITY : kept.ordinaryDays,
      eventDays: kept.eventDays >= FAR_DAYS ? Number.POSITIVE_INFINITY : kept.eventDays,
      limitedBy: limitOf(camera, kept.ordinaryDays, commonDays, ownDays.get(camera.camera) ?? FAR_DAYS),
    };
  });
}

function limitOf(
  { limits }: ForecastCamera,
  keptDays: number,
  commonDays: number,
  ownDays: number,
): Forecast["limitedBy"] {
  if (limits.maxDays !== null && keptDays >= limits.maxDays) {
    return "days";
  }
  if (ownDays < commonDays) {
    return "camera-bytes";
  }
  return keptDays >= FAR_DAYS ? "none" : "room";
}
