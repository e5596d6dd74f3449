/**
 * Follows things from frame to frame: expectation by constant velocity, assignment by overlap, then distance.
 * Does: new, lost, meeting and parting things. Does not: events and their ids (event-log.ts), time (given with each frame). Pure.
 */
import {
  areaOf,
  columnOverlap,
  coveredShare,
  heldWithin,
  inflated,
  iou,
  relativeDistance,
  unionOf,
} from "./box-geometry.ts";
import { expectedBox, follow, hasEarned, type Observation, observe, startTrack, type Track } from "./track.ts";
import { DEFAULT_TRACKER_OPTIONS, type TrackerOptions } from "./tracker-options.ts";

/** What a frame changed. Owner: the tracks are live; they change with the next frame. */
export interface TrackerUpdate {
  /** Told things that are in this frame. */
  readonly visible: readonly Track[];
  /** Among them, those told for the first time. */
  readonly started: readonly Track[];
  /** Told things that have been out of sight for too long. */
  readonly ended: readonly Track[];
}

/** Part of a track's expected box that a region must cover for the track to be in it. */
const COVERED_SHARE = 0.6;
/** A region this much larger than a thing holds more than the thing. */
const SHARED_GROWTH = 1.35;
/** What is smaller than this part of a thing, or newer than this, and meets it, belongs to it. */
const OWN_SHARE = 0.1;
const OWN_MS = 1000;
/** Parts of one body fill at least this part of the box around them; things that walk apart do not. */
const FILLED_SHARE = 0.45;

/** A region that is so much larger than its thing at once holds another one. */
const MET_GROWTH = 1.5;
/** What others leave of a region is the thing's, if it fits what was expected so well. */
const REST_IOU = 0.6;

/** Follows the things of one camera. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #makeId: () => string;
  #tracks: Track[] = [];

  constructor(makeId: () => string, options: TrackerOptions = DEFAULT_TRACKER_OPTIONS) {
    this.#makeId = makeId;
    this.#options = options;
  }

  /** Takes the observations of one frame. Units: nowMs is the frame's capture time; it must not go back. */
  update(observations: readonly Observation[], nowMs: number): TrackerUpdate {
    for (const track of this.#tracks) {
      track.expected = expectedBox(track, nowMs);
    }
    const pairs = assign(this.#tracks, observations, nowMs);
    this.#settle(pairs, observations, nowMs);
    this.#begin(pairs, observations, nowMs);
    const ended = this.#forget(nowMs);
    const started: Track[] = [];
    const visible: Track[] = [];
    for (const track of this.#tracks) {
      if (!track.confirmed && track.lastSeenMs === nowMs && hasEarned(track, nowMs, this.#options)) {
        track.confirmed = true;
        started.push(track);
      }
      if (track.confirmed && track.lastSeenMs === nowMs) {
        visible.push(track);
      }
    }
    return { visible, started, ended };
  }

  /** Ends everything, as when the camera is gone; returns the told things. */
  endAll(): readonly Track[] {
    const told = this.#tracks.filter((track) => track.confirmed);
    this.#tracks = [];
    return told;
  }

  /** Moves the tracks: alone by their region, together by what of it is each one's. */
  #settle(pairs: Map<Track, number>, observations: readonly Observation[], nowMs: number): void {
    const fragments = this.#fragments(pairs, observations);
    observations.forEach((observation, index) => {
      const owner = this.#tracks.find((track) => pairs.get(track) === index);
      const candidates = this.#tracks.filter(
        (track) =>
          (track.confirmed || track.isBornShared) &&
          (track === owner || (!pairs.has(track) && coveredShare(track.expected, observation.box) >= COVERED_SHARE)),
      );
      const inside = ownBodies(candidates, nowMs);
      if (inside.length >= 2) {
        this.#share(inside, observation, nowMs);
      } else if (owner !== undefined) {
        owner.sharedSinceMs = undefined;
        this.#settleAlone(owner, observation, fragments.get(owner) ?? [], nowMs);
      } else {
        this.#share(inside, observation, nowMs);
      }
    });
  }

  /** A thing whose region grows at once by something beside it has met another thing, which begins here. */
  #settleAlone(owner: Track, observation: Observation, fragments: readonly Observation[], nowMs: number): void {
    const rest =
      owner.confirmed &&
      nowMs - owner.firstSeenMs >= OWN_MS &&
      areaOf(observation.box) >= areaOf(owner.expected) * MET_GROWTH
        ? observation.outside?.([inflated(owner.expected, 0.1)])
        : undefined;
    if (
      rest === undefined ||
      columnOverlap(rest, owner.expected) > 0.3 ||
      areaOf(rest) < areaOf(owner.expected) * OWN_SHARE
    ) {
      observe(owner, withFragments(owner, observation, fragments), nowMs);
      return;
    }
    follow(owner, heldWithin(owner.expected, observation.box), nowMs);
    if (this.#tracks.length < this.#options.maxTracks) {
      this.#tracks.push(startTrack(this.#makeId(), { ...observation, box: rest }, nowMs, true));
    }
  }

  /** Several things in one region: the largest is what the others leave of it, those go on as expected. */
  #share(inside: readonly Track[], observation: Observation, nowMs: number): void {
    const largest = inside.reduce<Track | undefined>(
      (most, track) => (most === undefined || areaOf(track.expected) > areaOf(most.expected) ? track : most),
      undefined,
    );
    const holdsAll = areaOf(observation.box) >= areaOf(largest?.expected ?? observation.box) * SHARED_GROWTH;
    const others = inside
      .filter((track) => track !== largest)
      .map((track) => heldWithin(track.expected, observation.box));
    const rest = largest === undefined || others.length === 0 ? undefined : observation.outside?.(others);
    inside.forEach((track, rank) => {
      track.sharedSinceMs ??= nowMs;
      const isOver = nowMs - track.sharedSinceMs > this.#options.sharedMs;
      if (isOver && rank > 0) {
        return; // they are one by now: the eldest stays
      }
      if (track === largest && rest !== undefined && iou(rest, track.expected) >= REST_IOU) {
        observe(track, { ...observation, box: rest }, nowMs);
      } else if ((track === largest && !holdsAll) || (rank === 0 && isOver)) {
        observe(track, observation, nowMs);
      } else {
        follow(track, heldWithin(track.expected, observation.box), nowMs);
      }
    });
  }

  /** Observations without a track that lie within the place of a matched one: parts of the same body. */
  #fragments(pairs: Map<Track, number>, observations: readonly Observation[]): Map<Track, Observation[]> {
    const taken = new Set(pairs.values());
    const fragments = new Map<Track, Observation[]>();
    observations.forEach((observation, index) => {
      if (taken.has(index)) {
        return;
      }
      const owner = [...pairs.keys()].find(
        (track) => track.confirmed && coveredShare(observation.box, inflated(track.expected, 0.1)) >= 0.7,
      );
      if (owner !== undefined) {
        fragments.set(owner, [...(fragments.get(owner) ?? []), observation]);
        taken.add(index);
      }
    });
    return fragments;
  }

  /** Starts tracks for what no track explains. */
  #begin(pairs: Map<Track, number>, observations: readonly Observation[], nowMs: number): void {
    const taken = new Set(pairs.values());
    observations.forEach((observation, index) => {
      const explained =
        taken.has(index) ||
        this.#tracks.some(
          (track) =>
            track.confirmed &&
            track.lastSeenMs === nowMs &&
            coveredShare(observation.box, inflated(track.box, 0.1)) >= 0.7,
        );
      if (!explained && this.#tracks.length < this.#options.maxTracks) {
        this.#tracks.push(startTrack(this.#makeId(), observation, nowMs));
      }
    });
  }

  #forget(nowMs: number): Track[] {
    const ended: Track[] = [];
    this.#tracks = this.#tracks.filter((track) => {
      const unseenMs = nowMs - track.lastSeenMs;
      const keep = unseenMs < (track.confirmed ? this.#options.endMs : this.#options.forgetMs);
      if (!keep && track.confirmed) {
        ended.push(track);
      }
      return keep;
    });
    return ended;
  }
}

/** Of the tracks in one region, those that are things by themselves and no mere part of a larger one. */
function ownBodies(tracks: readonly Track[], nowMs: number): Track[] {
  const largest = tracks.reduce((area, track) => Math.max(area, areaOf(track.box)), 0);
  return tracks.filter((track) => {
    const area = areaOf(track.box);
    return (
      area === largest || (area >= largest * OWN_SHARE && (track.isBornShared || nowMs - track.firstSeenMs >= OWN_MS))
    );
  });
}

/** Pairs each track with at most one observation, best first; what was told goes before what was not. */
function assign(tracks: readonly Track[], observations: readonly Observation[], nowMs: number): Map<Track, number> {
  const candidates: { track: Track; index: number; worth: number }[] = [];
  for (const track of tracks) {
    observations.forEach((observation, index) => {
      const worth = affinity(track, observation, nowMs);
      if (worth > 0) {
        candidates.push({ track, index, worth: worth + (track.confirmed ? 1 : 0) });
      }
    });
  }
  candidates.sort((a, b) => b.worth - a.worth);
  const pairs = new Map<Track, number>();
  const taken = new Set<number>();
  for (const { track, index } of candidates) {
    if (!pairs.has(track) && !taken.has(index)) {
      pairs.set(track, index);
      taken.add(index);
    }
  }
  return pairs;
}

/** How well an observation fits a track: 0 not at all. Moving things win over what they leave behind. */
function affinity(track: Track, observation: Observation, nowMs: number): number {
  const overlap = iou(track.expected, observation.box);
  const movingBonus = 0.2 * observation.moving01;
  if (overlap >= 0.1) {
    return 0.3 + overlap + movingBonus;
  }
  const reach = 0.6 + Math.min(0.8, (nowMs - track.lastSeenMs) / 1500);
  const distance = relativeDistance(track.expected, observation.box);
  const growth = areaOf(observation.box) / Math.max(1e-9, areaOf(track.expected));
  return distance < reach && growth > 0.2 && growth < 5 ? 0.3 * (1 - distance / reach) + 0.1 * movingBonus : 0;
}

/** The observation together with its fragments, where that is nearer to what was expected. */
function withFragments(track: Track, observation: Observation, fragments: readonly Observation[]): Observation {
  let whole = observation;
  for (const fragment of fragments) {
    const box = unionOf(whole.box, fragment.box);
    const filled = areaOf(whole.box) + areaOf(fragment.box) >= areaOf(box) * FILLED_SHARE;
    if (
      filled &&
      columnOverlap(whole.box, fragment.box) >= 0.5 &&
      iou(box, track.expected) > iou(whole.box, track.expected)
    ) {
      whole = { ...whole, box };
    }
  }
  return whole;
}
