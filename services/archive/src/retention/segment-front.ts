/**
 * The oldest end of each stream's recordings: what may be deleted next, without reading what is kept. Protected segments and those
 * that only their events keep alive are passed once and remembered. Source: docs/design/archive.md#retention.
 */
import type { RecordingSettings } from "@lanthorn/contract";
import type { Store } from "../store/store.ts";
import { type FrontSegment, markEvents } from "./event-footage.ts";
import { eventFactorOf } from "./retention-rules.ts";

/** What a front shows. */
export interface FrontView {
  readonly candidates: readonly FrontSegment[];
  /** All that is not shown has at most this weighted age; undefined when everything is shown. */
  readonly horizonUs: number | undefined;
}

const DAY_US = 86_400_000_000;
/** Rows read at a time. */
const PAGE = 64;
/** Pages read in one look, at most: 2,048 rows are some milliseconds. Where it stopped is remembered, and the next look goes on. */
const PAGES_PER_LOOK = 32;

/** One stream on one disk (null: on any). */
export class SegmentFront {
  readonly #store: Store;
  readonly #stream: { readonly cameraRow: number; readonly camera: string; readonly disk: number | null };
  /** Everything that starts earlier is protected. */
  #fromUs = Number.MIN_SAFE_INTEGER;
  /** Everything that starts earlier is protected or event footage. */
  #ordinaryFromUs = Number.MIN_SAFE_INTEGER;

  constructor(store: Store, stream: { cameraRow: number; camera: string; disk: number | null }) {
    this.#store = store;
    this.#stream = stream;
  }

  /** The next candidates: about `wanted` of each kind, the oldest first. */
  look(wanted: number, settings: RecordingSettings, nowUs: number): FrontView {
    const { retention } = settings;
    // What is younger than the guarantee hides nothing that may go before a guarantee is broken.
    const behind = (reachedUs: number | undefined, factor: number) =>
      reachedUs === undefined || nowUs - reachedUs < retention.minDays * DAY_US ? [] : [(nowUs - reachedUs) * factor];
    const oldest = this.#scan(this.#fromUs, wanted, settings, () => true);
    this.#fromUs = oldest.seen[0]?.startWallUs ?? oldest.reachedUs ?? this.#fromUs;
    const seen = new Map(oldest.seen.map((segment) => [segment.id, segment]));
    const horizons = behind(oldest.reachedUs, eventFactorOf(retention));
    if (retention.eventDays !== null && oldest.reachedUs !== undefined) {
      const from = Math.max(this.#ordinaryFromUs, oldest.reachedUs);
      const ordinary = this.#scan(from, wanted, settings, ({ isEvent }) => !isEvent);
      this.#ordinaryFromUs = ordinary.seen[0]?.startWallUs ?? ordinary.reachedUs ?? from;
      for (const segment of ordinary.seen) {
        seen.set(segment.id, segment);
      }
      horizons.push(...behind(ordinary.reachedUs, 1));
    }
    return { candidates: [...seen.values()], horizonUs: horizons.length === 0 ? undefined : Math.max(...horizons) };
  }

  /** Reads from an instant on until `wanted` are found. reachedUs: where it stopped; undefined at the end of everything. */
  #scan(
    fromUs: number,
    wanted: number,
    settings: RecordingSettings,
    counts: (segment: FrontSegment) => boolean,
  ): { seen: FrontSegment[]; reachedUs: number | undefined } {
    const { cameraRow, camera, disk } = this.#stream;
    const clips = [...this.#store.clips.spansOf(camera), ...this.#store.exports.spansOf(camera)];
    const seen: FrontSegment[] = [];
    let next = fromUs;
    for (let pages = 0; pages < PAGES_PER_LOOK; pages++) {
      const rows = this.#store.retention.page(cameraRow, disk, next, PAGE);
      for (const segment of markEvents(this.#store, camera, rows, settings)) {
        const isProtected = clips.some((clip) => clip.fromUs < segment.endWallUs && clip.toUs > segment.startWallUs);
        if (!isProtected && counts(segment)) {
          seen.push(segment);
        }
      }
      const last = rows.at(-1);
      if (rows.length < PAGE || last === undefined) {
        return { seen, reachedUs: undefined };
      }
      if (last.startWallUs === next) {
        next += 1; // a whole page that starts at one instant
      } else {
        next = last.startWallUs;
      }
      if (seen.length >= wanted) {
        break;
      }
    }
    return { seen, reachedUs: next };
  }
}
