/**
 * Small pictures of recorded moments, for whoever looks along the timeline: many in one answer, kept, and the exact one as soon as the pointer
 * rests. Never video. Framework-free. Does: loading and finding. Does not: elements of the page (parts/timeline-preview.tsx).
 */
import { readPreviews } from "../net/api.ts";

/** A picture that is here. */
export interface PreviewPicture {
  readonly wallUs: number;
  /** Of the page's own memory. */
  readonly url: string;
}

/** What there is to show at an instant. exact: nothing nearer will come. */
export type PreviewLook =
  | { readonly state: "picture"; readonly picture: PreviewPicture; readonly exact: boolean }
  | { readonly state: "loading" | "none" };

/** Pictures in one answer, and the shortest span asked for: 50 pictures of 5 s. */
const TILE_PICTURES = 50;
const TILE_LEAST_US = 250_000_000;
/** A view is at most so many tiles wide. */
const TILES_OF_VIEW = 4;
/** Pictures kept, of some 10 kB each; those farthest from where one looks go first. */
const KEPT_MOST = 800;
/** A pointer that stays so long gets the exact picture. */
const REST_MS = 70;
/** The newest tile is asked for again after so long. */
const FRESH_MS = 5000;
/** Pictures are made about every 5 s (decode's previews.intervalS): what is this near needs no better one. */
const NEAR_US = 6_000_000;
/** A picture older than this is not of the moment. */
const WITHIN_US = 15_000_000;
const WITHIN_PICTURES = 4;
/** Instants nearer to one another than this are one: pictures are seconds apart. */
const GRAIN_US = 500_000;

/** The widths of tiles double; the narrowest of which the view needs no more than a few. Pure. */
export function tileWidthUs(spanUs: number): number {
  let widthUs = TILE_LEAST_US;
  while (spanUs > widthUs * TILES_OF_VIEW) {
    widthUs *= 2;
  }
  return widthUs;
}

/** The number of the last time that is not after an instant, in times that rise; -1: none. Pure. */
export function lastNotAfter(times: readonly number[], wallUs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= wallUs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** Loads and finds previews of one camera. Owner: close() it. */
export class PreviewStrip {
  readonly #camera: string;
  readonly #onChange: () => void;
  readonly #urls = new Map<number, string>();
  #times: number[] = [];
  /** When each tile was asked for, by its width and start. */
  readonly #tiles = new Map<string, number>();
  /** Instants with the picture there is of them, or undefined where there is none. */
  readonly #exact = new Map<number, number | undefined>();
  readonly #abort = new AbortController();
  #resting: ReturnType<typeof setTimeout> | undefined;
  #restingUs: number | undefined;

  constructor(camera: string, onChange: () => void) {
    this.#camera = camera;
    this.#onChange = onChange;
  }

  /** Says where one looks and how much is in view; asks for what is missing there. Returns what there is at once. */
  look(atUs: number, spanUs: number, nowUs: number): PreviewLook {
    const wallUs = Math.floor(atUs / GRAIN_US) * GRAIN_US;
    this.#wantTile(wallUs, spanUs, nowUs);
    const known = lastNotAfter(this.#times, wallUs);
    const knownUs = this.#times[known];
    if (this.#exact.has(wallUs)) {
      const exactUs = this.#exact.get(wallUs);
      const url = exactUs === undefined ? undefined : this.#urls.get(exactUs);
      return exactUs === undefined || url === undefined
        ? { state: "none" }
        : { state: "picture", picture: { wallUs: exactUs, url }, exact: true };
    }
    const url = knownUs === undefined ? undefined : this.#urls.get(knownUs);
    const isNear = knownUs !== undefined && wallUs - knownUs <= NEAR_US;
    if (!isNear) {
      this.#rest(wallUs);
    }
    const tileUs = tileWidthUs(spanUs) / TILE_PICTURES;
    if (knownUs !== undefined && url !== undefined && wallUs - knownUs <= Math.max(tileUs * 2, WITHIN_US)) {
      return { state: "picture", picture: { wallUs: knownUs, url }, exact: isNear };
    }
    return { state: "loading" };
  }

  /** Nobody looks any more: nothing further is asked for. */
  leave(): void {
    clearTimeout(this.#resting);
    this.#restingUs = undefined;
  }

  /** Frees everything. */
  close(): void {
    this.leave();
    this.#abort.abort();
    for (const url of this.#urls.values()) {
      URL.revokeObjectURL(url);
    }
    this.#urls.clear();
    this.#times = [];
  }

  #wantTile(wallUs: number, spanUs: number, nowUs: number): void {
    const widthUs = tileWidthUs(spanUs);
    const startUs = Math.floor(wallUs / widthUs) * widthUs;
    const key = `${widthUs} ${startUs}`;
    const askedMs = this.#tiles.get(key);
    const isOver = startUs + widthUs < nowUs - WITHIN_US;
    if (askedMs === undefined || (!isOver && performance.now() - askedMs > FRESH_MS)) {
      this.#tiles.set(key, performance.now());
      void this.#readTile(key, startUs, startUs + widthUs, wallUs);
    }
  }

  async #readTile(key: string, fromUs: number, toUs: number, wallUs: number): Promise<void> {
    try {
      for (const { jpeg, wallUs: takenUs } of await readPreviews(
        this.#camera,
        { fromUs, toUs, count: TILE_PICTURES },
        this.#abort.signal,
      )) {
        this.#keep(takenUs, jpeg);
      }
      this.#forgetFar(wallUs);
    } catch {
      setTimeout(() => this.#tiles.delete(key), FRESH_MS); // asked for again, not at once
    }
    this.#changed();
  }

  #rest(wallUs: number): void {
    if (this.#restingUs !== wallUs) {
      clearTimeout(this.#resting);
      this.#restingUs = wallUs;
      this.#resting = setTimeout(() => void this.#readExact(wallUs), REST_MS);
    }
  }

  /** By the same way as many: an answer without pictures is no error, which a browser would write to its console. */
  async #readExact(wallUs: number): Promise<void> {
    const span = { fromUs: wallUs - WITHIN_US, toUs: wallUs + 1, count: WITHIN_PICTURES };
    try {
      const pictures = await readPreviews(this.#camera, span, this.#abort.signal);
      for (const { jpeg, wallUs: takenUs } of pictures) {
        this.#keep(takenUs, jpeg);
      }
      this.#exact.set(wallUs, pictures.at(-1)?.wallUs);
      setTimeout(() => this.#exact.delete(wallUs), FRESH_MS); // another may come
    } catch {
      // asked for again when one looks there again
    }
    if (this.#restingUs === wallUs) {
      this.#restingUs = undefined;
    }
    this.#changed();
  }

  #changed(): void {
    if (!this.#abort.signal.aborted) {
      this.#onChange();
    }
  }

  #keep(wallUs: number, jpeg: Blob): void {
    if (!this.#urls.has(wallUs) && !this.#abort.signal.aborted) {
      this.#urls.set(wallUs, URL.createObjectURL(jpeg));
      this.#times.splice(lastNotAfter(this.#times, wallUs) + 1, 0, wallUs);
    }
  }

  #forgetFar(wallUs: number): void {
    while (this.#times.length > KEPT_MOST) {
      const [first = 0, last = 0] = [this.#times[0], this.#times.at(-1)];
      const gone = wallUs - first > last - wallUs ? this.#times.shift() : this.#times.pop();
      if (gone !== undefined) {
        URL.revokeObjectURL(this.#urls.get(gone) ?? "");
        this.#urls.delete(gone);
        this.#tiles.clear();
        this.#exact.clear();
      }
    }
  }
}
