/** How patient the tracker is. */

/** Times in milliseconds. */
export interface TrackerOptions {
  /** Sightings before a thing is told … */
  readonly confirmHits: number;
  /** … over at least this time. */
  readonly confirmMs: number;
  /** It must have gone this part of its own size and this part of the picture … */
  readonly travelSizes: number;
  readonly travelPicture: number;
  /** … or have kept changing for so long. */
  readonly restlessMs: number;
  /** A thing that has not been told is forgotten after this time out of sight. */
  readonly forgetMs: number;
  /** A thing that has been told has ended after this time out of sight: one passage is one event. */
  readonly endMs: number;
  /** Two things in one region are kept apart for so long, then they are one. */
  readonly sharedMs: number;
  /** Most things followed at once; drop-newest. */
  readonly maxTracks: number;
}

/** What suits people and cars at 5 to 30 frames a second. */
export const DEFAULT_TRACKER_OPTIONS: TrackerOptions = {
  confirmHits: 3,
  confirmMs: 250,
  travelSizes: 0.2,
  travelPicture: 0.01,
  restlessMs: 1500,
  forgetMs: 400,
  endMs: 2000,
  sharedMs: 6000,
  maxTracks: 64,
};
