/** Figures that cross the picture on straight ways: when, where and how fast. Pure. */
import type { FigurePlan } from "../figures/figure.ts";
import { Figure } from "../figures/figure.ts";
import type { PixelBox } from "../picture/sprite.ts";
import type { Placed, Seen } from "../picture/stage.ts";
import type { TruthBox } from "./scene.ts";

/** One crossing, in scene units. */
export interface Crossing {
  readonly id: string;
  readonly kind: TruthBox["kind"];
  readonly plan: FigurePlan;
  /** When its leading edge is at the picture's edge. */
  readonly startS: number;
  readonly direction: "right" | "left";
  readonly speedUnitsPerS: number;
  /** Where its feet are. */
  readonly groundY: number;
  /** Scene units per figure unit. */
  readonly scale: number;
  readonly nearness: number;
}

/** A crossing under way. */
export class Walker {
  readonly crossing: Crossing;
  readonly #figure: Figure;
  readonly #pixelsPerUnit: number;

  constructor(crossing: Crossing, pixelsPerUnit: number) {
    this.crossing = crossing;
    this.#pixelsPerUnit = pixelsPerUnit;
    this.#figure = new Figure(crossing.plan, crossing.scale * pixelsPerUnit, crossing.direction === "left");
  }

  /** Where its foot is at a time, scene units. */
  footX(timeS: number, sceneWidth: number): number {
    const { plan, scale, direction } = this.crossing;
    const way = this.wayAt(timeS);
    return direction === "right" ? way - plan.extent.right * scale : sceneWidth - way + plan.extent.right * scale;
  }

  /** How far it has come at a time, scene units. */
  wayAt(timeS: number): number {
    return (timeS - this.crossing.startS) * this.crossing.speedUnitsPerS;
  }

  /** The figure as it goes onto the stage; offsetXPx moves it (the other eye, the right half). */
  placed(timeS: number, sceneWidth: number, offsetXPx = 0): Placed {
    const x = this.footX(timeS, sceneWidth);
    const posed = this.#figure.posed(this.wayAt(timeS) * this.#pixelsPerUnit);
    return {
      sprite: posed.sprite,
      shadow: posed.shadow,
      left: Math.round(x * this.#pixelsPerUnit + offsetXPx) + posed.offsetX,
      top: Math.round(this.crossing.groundY * this.#pixelsPerUnit) + posed.offsetY,
      nearness: this.crossing.nearness,
    };
  }
}

/** When a crossing is over: its last edge has left the picture. */
export function endOf(crossing: Crossing, sceneWidth: number): number {
  const { plan, scale, speedUnitsPerS, startS } = crossing;
  return startS + (sceneWidth + (plan.extent.right - plan.extent.left) * scale) / speedUnitsPerS;
}

/** The walkers of a schedule that are about at a time; asked for in the order of time. */
export class Cast {
  readonly #crossings: Iterator<Crossing, undefined>;
  readonly #sceneWidth: number;
  readonly #pixelsPerUnit: number;
  #next: Crossing | undefined;
  #walkers: Walker[] = [];

  /** crossings: endless, ordered by startS. */
  constructor(crossings: Iterator<Crossing, undefined>, sceneWidth: number, pixelsPerUnit: number) {
    this.#crossings = crossings;
    this.#sceneWidth = sceneWidth;
    this.#pixelsPerUnit = pixelsPerUnit;
    this.#next = crossings.next().value;
  }

  /** Who is about. */
  at(timeS: number): readonly Walker[] {
    while (this.#next !== undefined && this.#next.startS <= timeS) {
      this.#walkers.push(new Walker(this.#next, this.#pixelsPerUnit));
      this.#next = this.#crossings.next().value;
    }
    this.#walkers = this.#walkers.filter(({ crossing }) => endOf(crossing, this.#sceneWidth) > timeS);
    return this.#walkers;
  }
}

/** The truth about a figure that can be seen at least in part; undefined for one that is not. */
export function truthOf(
  crossing: Pick<Crossing, "id" | "kind">,
  seen: Seen | undefined,
  size: { readonly widthPx: number; readonly heightPx: number },
): TruthBox | undefined {
  return seen?.box === undefined || seen.visible01 <= 0
    ? undefined
    : { id: crossing.id, kind: crossing.kind, ...normalised(seen.box, size), visible01: rounded(seen.visible01) };
}

function normalised(box: PixelBox, { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number }) {
  return {
    x: rounded(box.left / widthPx),
    y: rounded(box.top / heightPx),
    width: rounded((box.right - box.left) / widthPx),
    height: rounded((box.bottom - box.top) / heightPx),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
