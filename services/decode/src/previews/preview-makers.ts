/** One maker of previews for each enabled camera, a few pictures at a time. Tested: test/previews/preview-makers.test.ts. */
import { type Clock, elapsedMs, type Module } from "@lanthorn/base";
import type { CameraId } from "@lanthorn/contract";
import type { PreviewRow } from "./preview-maker.ts";

/** How often makers look whether a picture is due, milliseconds. */
const LOOK_MS = 200;
/** After so long a look ends, and the next begins with the camera after: this thread also answers /health. Milliseconds. */
const LOOK_MOST_MS = 10;

/** One camera's maker, as this needs it. */
export interface Maker {
  turn(): boolean;
  row(): PreviewRow;
  close(): void;
}

/** What the makers need. */
export interface PreviewMakersOptions {
  readonly list: {
    cameras(): readonly { readonly id: CameraId; readonly enabled: boolean }[];
    onChange(callback: () => void): () => void;
  };
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
  readonly openMaker: (camera: CameraId) => Maker;
}

/** Starts and stops makers with their cameras. */
export class PreviewMakers implements Module {
  readonly name = "previews";
  readonly #options: PreviewMakersOptions;
  readonly #makers = new Map<CameraId, Maker>();
  readonly #toldErrors = new Map<CameraId, number>();
  #stops: (() => void)[] = [];
  #next = 0;

  constructor(options: PreviewMakersOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, list } = this.#options;
    this.#reconcile();
    this.#stops = [
      list.onChange(() => this.#reconcile()),
      clock.every(LOOK_MS, () => this.#look()),
      clock.every(60_000, () => this.#tellErrors()),
    ];
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
    for (const maker of this.#makers.values()) {
      maker.close();
    }
    this.#makers.clear();
  }

  /** Every camera's row, by id. */
  rows(): PreviewRow[] {
    return [...this.#makers.values()].map((maker) => maker.row()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #look(): void {
    const { clock } = this.#options;
    const makers = [...this.#makers.values()];
    const startNs = clock.monoNs();
    for (let count = 0; count < makers.length; count++) {
      const maker = makers[this.#next % makers.length];
      this.#next = (this.#next + 1) % makers.length;
      maker?.turn();
      if (elapsedMs(startNs, clock.monoNs()) >= LOOK_MOST_MS) {
        return;
      }
    }
  }

  #tellErrors(): void {
    for (const { id, errors, lastError } of this.rows()) {
      const count = errors - (this.#toldErrors.get(id) ?? 0);
      this.#toldErrors.set(id, errors);
      if (count > 0) {
        this.#options.log.warn({ camera: id, count, lastError }, `${count} previews not made, last was: ${lastError}`);
      }
    }
  }

  #reconcile(): void {
    const wanted = new Set(this.#options.list.cameras().flatMap(({ id, enabled }) => (enabled ? [id] : [])));
    for (const [id, maker] of this.#makers) {
      if (!wanted.has(id)) {
        maker.close();
        this.#makers.delete(id);
        this.#toldErrors.delete(id);
      }
    }
    for (const id of wanted) {
      if (!this.#makers.has(id)) {
        this.#makers.set(id, this.#options.openMaker(id));
      }
    }
  }
}
