/**
 * Which segments go, and which rule says so. Pure. Source: docs/design/archive.md#retention. Tested: test/retention/retention-rules.test.ts.
 * Clips are no candidates: nothing here can choose a protected segment, because none is given.
 */
import type { RetentionSettings } from "@lanthorn/contract";

/**
 * Why a segment is deleted, in the order in which rules are applied. The first two delete even when there is room.
 * guarantee-broken: nothing else is left, and the newest footage is worth more than the oldest guaranteed one.
 */
export const RETENTION_RULES = ["expired", "camera-bytes", "room", "guarantee-broken"] as const;
/** One of RETENTION_RULES. */
export type RetentionRule = (typeof RETENTION_RULES)[number];

/** A complete segment that no clip protects. */
export interface Candidate {
  readonly id: number;
  readonly camera: string;
  readonly disk: number;
  readonly endWallUs: number;
  readonly fileBytes: number;
  /** It overlaps an event that counts for its camera. */
  readonly isEvent: boolean;
}

/** What is asked of one plan. */
export interface RetentionNeed {
  readonly nowUs: number;
  readonly limitsOf: (camera: string) => RetentionSettings;
  /** What each camera's recordings take, over all disks and streams. */
  readonly cameraBytes: ReadonlyMap<string, number>;
  /** Bytes to free on each disk; disks that need nothing are absent. */
  readonly diskBytes: ReadonlyMap<number, number>;
  /** Bytes to free anywhere (what is freed for a disk counts). */
  readonly anywhereBytes: number;
  /** There are more candidates than were given; all that are not given have at most this weighted age. */
  readonly horizonUs?: number;
}

/** A segment that goes. */
export interface Victim<Segment extends Candidate = Candidate> {
  readonly segment: Segment;
  readonly rule: RetentionRule;
}

const DAY_US = 86_400_000_000;
/** How much slower event footage ages when only eventDays is set, so that there is no ratio to take. */
const EVENT_AGE_FACTOR = 1 / 4;

/** Days after which a segment goes in any case; null: never. Event footage is never kept shorter than the rest. */
export function limitDaysOf({ maxDays, eventDays }: RetentionSettings, isEvent: boolean): number | null {
  return isEvent && eventDays !== null && maxDays !== null ? Math.max(maxDays, eventDays) : maxDays;
}

/**
 * The age by which segments are compared when room is needed: event footage ages as much slower as its owner wants it kept longer.
 * Deleting it only after all else would let a year of events starve the footage of today.
 */
export function weightedAgeUs(
  segment: Pick<Candidate, "endWallUs" | "isEvent">,
  nowUs: number,
  limits: RetentionSettings,
): number {
  return (nowUs - segment.endWallUs) * (segment.isEvent ? eventFactorOf(limits) : 1);
}

/** What a second of age of event footage counts, against one of other footage. */
export function eventFactorOf({ maxDays, eventDays }: RetentionSettings): number {
  if (eventDays === null) {
    return 1;
  }
  return maxDays === null ? EVENT_AGE_FACTOR : maxDays / Math.max(maxDays, eventDays, 1e-9);
}

/** Whether a camera's guarantee covers a segment. */
export function isGuaranteed(
  segment: Candidate,
  { nowUs, limitsOf }: Pick<RetentionNeed, "nowUs" | "limitsOf">,
): boolean {
  return nowUs - segment.endWallUs < limitsOf(segment.camera).minDays * DAY_US;
}

/** Chooses. `candidates` in any order; ties are broken by id, so that the answer does not depend on it. */
export function planRetention<Segment extends Candidate>(
  candidates: readonly Segment[],
  need: RetentionNeed,
): Victim<Segment>[] {
  const chosen = new Map<number, Victim<Segment>>();
  const ordered = inOrder(candidates, (segment) => weighted(segment, need));
  for (const segment of ordered) {
    const days = limitDaysOf(need.limitsOf(segment.camera), segment.isEvent);
    if (days !== null && need.nowUs - segment.endWallUs > days * DAY_US) {
      chosen.set(segment.id, { segment, rule: "expired" });
    }
  }
  chooseForCameras(ordered, need, chosen);
  chooseForRoom(ordered, need, chosen);
  return [...chosen.values()];
}

/** Per-camera bytes: the oldest of that camera, whatever it guarantees. */
function chooseForCameras<Segment extends Candidate>(
  ordered: readonly Segment[],
  { cameraBytes, limitsOf }: RetentionNeed,
  chosen: Map<number, Victim<Segment>>,
): void {
  const left = new Map(cameraBytes);
  for (const { segment } of chosen.values()) {
    left.set(segment.camera, (left.get(segment.camera) ?? 0) - segment.fileBytes);
  }
  for (const segment of ordered) {
    const { maxBytes } = limitsOf(segment.camera);
    const bytes = left.get(segment.camera) ?? 0;
    if (maxBytes !== null && bytes > maxBytes && !chosen.has(segment.id)) {
      chosen.set(segment.id, { segment, rule: "camera-bytes" });
      left.set(segment.camera, bytes - segment.fileBytes);
    }
  }
}

/** Room: disk by disk, then anywhere; what no guarantee covers first. */
function chooseForRoom<Segment extends Candidate>(
  ordered: readonly Segment[],
  need: RetentionNeed,
  chosen: Map<number, Victim<Segment>>,
): void {
  const horizonUs = need.horizonUs ?? Number.NEGATIVE_INFINITY;
  const free = ordered.filter((segment) => !isGuaranteed(segment, need) && weighted(segment, need) >= horizonUs);
  // The camera that still holds the largest part of its guarantee gives first: all are broken in proportion.
  const guaranteed = inOrder(
    ordered.filter((segment) => isGuaranteed(segment, need)),
    (segment) => (need.nowUs - segment.endWallUs) / need.limitsOf(segment.camera).minDays,
  );
  const take = (segments: readonly Segment[], rule: RetentionRule, bytes: number, disk?: number): number => {
    let short = bytes;
    for (const segment of segments) {
      if (short <= 0) {
        break;
      }
      if ((disk === undefined || segment.disk === disk) && !chosen.has(segment.id)) {
        chosen.set(segment.id, { segment, rule });
        short -= segment.fileBytes;
      }
    }
    return short;
  };
  const needs: [number | undefined, number][] = [...need.diskBytes, [undefined, need.anywhereBytes]];
  for (const [disk, bytes] of needs) {
    const before = chosen.size;
    const short = take(free, "room", bytes - bytesOf(chosen, disk), disk);
    // With more candidates behind the horizon, a guarantee is only looked at once nothing else was found.
    if (short > 0 && (need.horizonUs === undefined || chosen.size === before)) {
      take(guaranteed, "guarantee-broken", short, disk);
    }
  }
}

function bytesOf(chosen: ReadonlyMap<number, Victim>, disk: number | undefined): number {
  let sum = 0;
  for (const { segment } of chosen.values()) {
    sum += disk === undefined || segment.disk === disk ? segment.fileBytes : 0;
  }
  return sum;
}

function weighted(segment: Candidate, { nowUs, limitsOf }: RetentionNeed): number {
  return weightedAgeUs(segment, nowUs, limitsOf(segment.camera));
}

function inOrder<Segment extends Candidate>(
  segments: readonly Segment[],
  keyOf: (segment: Segment) => number,
): Segment[] {
  const keyed = segments.map((segment) => ({ segment, key: keyOf(segment) }));
  keyed.sort((a, b) => b.key - a.key || a.segment.id - b.segment.id);
  return keyed.map(({ segment }) => segment);
}
