/** One thing followed over time: where it was, where it should be next, and whether it has earned to be told. Pure. */
import type { Box } from "@lanthorn/contract";
import { moved } from "./box-geometry.ts";
import type { TrackerOptions } from "./tracker-options.ts";

/** Something found in one frame. */
export interface Observation {
  readonly box: Box;
  readonly label: string;
  readonly score01: number;
  /** Part of it that changed within the last second; 1 where the model does not know. */
  readonly moving01: number;
  /** The box around what is left of it outside some boxes; undefined when that is nothing. For models that know outlines. */
  readonly outside?: (boxes: readonly Box[]) => Box | undefined;
}

/** What the tracker remembers of one thing. Times in milliseconds of the capture clock. */
export interface Track {
  readonly id: string;
  readonly firstSeenMs: number;
  readonly firstBox: Box;
  label: string;
  box: Box;
  score01: number;
  topScore01: number;
  /** Speed of the centre, in pictures a second. */
  speedX: number;
  speedY: number;
  /** Where it should be in the present frame. */
  expected: Box;
  lastSeenMs: number;
  hits: number;
  /** How long it has been seen to change inside. */
  movingMs: number;
  /** Since when it shares a region with another track. */
  sharedSinceMs: number | undefined;
  /** It was found as what a known thing's region has too much: it may be told while it shares. */
  readonly isBornShared: boolean;
  confirmed: boolean;
}

/** Time constant of the speed estimate, milliseconds. */
const SPEED_MS = 400;
/** A thing that is not seen is expected to go on for so long, then to stand, milliseconds. */
const COAST_MS = 800;

/** Starts following an observation. */
export function startTrack(id: string, observation: Observation, nowMs: number, isBornShared = false): Track {
  return {
    id,
    firstSeenMs: nowMs,
    firstBox: observation.box,
    label: observation.label,
    box: observation.box,
    score01: observation.score01,
    topScore01: observation.score01,
    speedX: 0,
    speedY: 0,
    expected: observation.box,
    lastSeenMs: nowMs,
    hits: 1,
    movingMs: 0,
    sharedSinceMs: undefined,
    isBornShared,
    confirmed: false,
  };
}

/** Where the track should be at a time: constant velocity, for a while. */
export function expectedBox(track: Track, nowMs: number): Box {
  const ms = Math.min(nowMs - track.lastSeenMs, COAST_MS);
  return moved(track.box, (track.speedX * ms) / 1000, (track.speedY * ms) / 1000);
}

/** Takes an observation as this track's present. */
export function observe(track: Track, observation: Observation, nowMs: number): void {
  const sinceMs = Math.max(1, nowMs - track.lastSeenMs);
  const gain = 1 - Math.exp(-sinceMs / SPEED_MS);
  const dx = centreX(observation.box) - centreX(track.box);
  const dy = centreY(observation.box) - centreY(track.box);
  track.speedX += gain * ((dx / sinceMs) * 1000 - track.speedX);
  track.speedY += gain * ((dy / sinceMs) * 1000 - track.speedY);
  track.box = observation.box;
  track.label = observation.label;
  track.score01 = observation.score01;
  track.topScore01 = Math.max(track.topScore01, observation.score01);
  track.movingMs += observation.moving01 >= 0.3 ? Math.min(sinceMs, 200) : 0;
  track.lastSeenMs = nowMs;
  track.hits += 1;
}

/** Goes on by expectation only: the thing is there, but its outline cannot be told from another's. */
export function follow(track: Track, box: Box, nowMs: number): void {
  track.box = box;
  track.lastSeenMs = nowMs;
}

/**
 * Whether a track has earned to be told: seen often and long enough, and it went somewhere or kept changing. What merely
 * appears (a lamp's patch of light, what a thing leaves behind) does neither.
 */
export function hasEarned(track: Track, nowMs: number, options: TrackerOptions): boolean {
  if (track.hits < options.confirmHits || nowMs - track.firstSeenMs < options.confirmMs) {
    return false;
  }
  const dx = shift(track.firstBox.x, track.firstBox.width, track.box.x, track.box.width);
  const dy = shift(track.firstBox.y, track.firstBox.height, track.box.y, track.box.height);
  const relative = Math.hypot(dx / track.box.width, dy / track.box.height);
  const hasTravelled = relative >= options.travelSizes && Math.hypot(dx, dy) >= options.travelPicture;
  return hasTravelled || track.movingMs >= options.restlessMs;
}

/** How near to the picture's edge counts as at it. */
const EDGE = 0.015;

/**
 * How far a thing went along one axis: as far as both its sides went. One side alone means that it grew or shrank, as a
 * trace does which something leaves behind; only at the picture's edge a thing comes in or leaves one side at a time.
 */
function shift(fromStart: number, fromSize: number, toStart: number, toSize: number): number {
  const low = toStart - fromStart;
  const high = toStart + toSize - fromStart - fromSize;
  if (Math.min(fromStart, toStart) < EDGE) {
    return Math.abs(high);
  }
  if (Math.max(fromStart + fromSize, toStart + toSize) > 1 - EDGE) {
    return Math.abs(low);
  }
  return low * high > 0 ? Math.min(Math.abs(low), Math.abs(high)) : 0;
}

function centreX(box: Box): number {
  return box.x + box.width / 2;
}

function centreY(box: Box): number {
  return box.y + box.height / 2;
}
