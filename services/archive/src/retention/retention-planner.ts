/** One round of retention: candidates from the fronts of all streams, rules over them. Decides; deletes nothing. */
import { RecordingSettings } from "@lanthorn/contract";
import type { Store } from "../store/store.ts";
import type { FrontSegment } from "./event-footage.ts";
import { planRetention, type Victim } from "./retention-rules.ts";
import { SegmentFront } from "./segment-front.ts";

/** What a planner needs. */
export interface RetentionPlannerOptions {
  readonly store: Store;
  /** What the owner wants of a camera; undefined for one that is not registered (any more): kept until room is needed. */
  readonly settingsOf: (camera: string) => RecordingSettings | undefined;
  /** Lets others have their turn; called between two streams. */
  readonly rest: () => Promise<void>;
}

/** Room that is needed. */
export interface RoomNeed {
  readonly nowUs: number;
  /** Changes every hour or so: what was passed is looked at again then, because events may come late. */
  readonly era: string;
  readonly diskBytes: ReadonlyMap<number, number>;
  readonly anywhereBytes: number;
}

/** Candidates of each kind that a front shows at a time. */
const FRONT = 48;
const DEFAULTS = RecordingSettings.parse({});

/** Plans rounds of deletion. */
export class RetentionPlanner {
  readonly #options: RetentionPlannerOptions;
  readonly #fronts = new Map<string, SegmentFront>();
  #frontsOf = "";

  constructor(options: RetentionPlannerOptions) {
    this.#options = options;
  }

  /** What goes next. isMore: there may be more to delete behind what was looked at; plan again after deleting. */
  async plan(need: RoomNeed): Promise<{ victims: Victim<FrontSegment>[]; isMore: boolean }> {
    const { store } = this.#options;
    const { diskBytes, anywhereBytes, nowUs } = need;
    this.#forgetFronts(need.era);
    const { candidates, horizonUs } = await this.#candidates([...diskBytes.keys()], nowUs);
    const cameraBytes = new Map<string, number>();
    for (const { id, slug } of store.cameras.list()) {
      cameraBytes.set(slug, (cameraBytes.get(slug) ?? 0) + store.segments.totals(id).bytes);
    }
    const limitsOf = (camera: string) => this.settingsOf(camera).retention;
    const horizon = horizonUs === undefined ? {} : { horizonUs };
    const victims = planRetention(candidates, { nowUs, limitsOf, cameraBytes, diskBytes, anywhereBytes, ...horizon });
    return { victims, isMore: horizonUs !== undefined && (diskBytes.size > 0 || anywhereBytes > 0) };
  }

  /** What the owner wants of a camera. */
  settingsOf(camera: string): RecordingSettings {
    return this.#options.settingsOf(camera) ?? DEFAULTS;
  }

  /** The oldest of every stream, on any disk and on each that needs room. */
  async #candidates(
    disks: readonly number[],
    nowUs: number,
  ): Promise<{ candidates: FrontSegment[]; horizonUs: number | undefined }> {
    const { rest, store } = this.#options;
    const found = new Map<number, FrontSegment>();
    let horizonUs: number | undefined;
    for (const { id, slug } of store.cameras.list()) {
      for (const disk of [null, ...disks]) {
        const key = `${id} ${disk}`;
        const front = this.#fronts.get(key) ?? new SegmentFront(store, { cameraRow: id, camera: slug, disk });
        this.#fronts.set(key, front);
        const view = front.look(FRONT, this.settingsOf(slug), nowUs);
        for (const segment of view.candidates) {
          found.set(segment.id, segment);
        }
        horizonUs = view.horizonUs === undefined ? horizonUs : Math.max(horizonUs ?? 0, view.horizonUs);
      }
      await rest();
    }
    return { candidates: [...found.values()], horizonUs };
  }

  /** What fronts have passed is looked at again when clips, disks or wishes changed, and in another era. */
  #forgetFronts(era: string): void {
    const { store } = this.#options;
    const settings = store.cameras.list().map(({ slug }) => this.settingsOf(slug));
    const present = store.disks.list().filter(({ state }) => state === "present");
    const of = `${store.clips.version} ${store.exports.version} ${era} ${present.map(({ id }) => id)} ${JSON.stringify(settings)}`;
    if (of !== this.#frontsOf) {
      this.#fronts.clear();
      this.#frontsOf = of;
    }
  }
}
