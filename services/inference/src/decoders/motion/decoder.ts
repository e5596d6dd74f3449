/** Decoder of the motion model: feeds its state back and turns its maps into regions. */
import type { Box } from "@lanthorn/contract";
import { inferenceErrors } from "../../error-codes.ts";
import type { Tensor, Tensors } from "../../executors/executor.ts";
import type { MotionManifest } from "../../packs/manifest.ts";
import type { Observation } from "../../tracking/track.ts";
import type { Decoder, ModelPicture } from "../decoder.ts";
import { boxOutside, type CellBox, type CellMaps, type CellRegion, findRegions, foregroundShare } from "./regions.ts";

/** Smallest region in cells, however small the picture. */
const MIN_CELLS = 5;

/** Decodes the motion model for one camera. */
export class MotionDecoder implements Decoder {
  readonly #manifest: MotionManifest;
  #state: Tensor | undefined;

  constructor(manifest: MotionManifest) {
    this.#manifest = manifest;
  }

  pictureSize(widthPx: number, heightPx: number): { readonly widthPx: number; readonly heightPx: number } {
    const { input } = this.#manifest;
    const toMultiple = (px: number) => Math.max(1, Math.round(px / input.multiplePx)) * input.multiplePx;
    const byAspect = toMultiple((input.widthPx * heightPx) / Math.max(1, widthPx));
    return { widthPx: toMultiple(input.widthPx), heightPx: input.heightPx === "by-aspect" ? byAspect : input.heightPx };
  }

  inputs(picture: ModelPicture, elapsedMs: number): Tensors {
    const { cellPx, stateChannels } = this.#manifest.decoder;
    const rows = Math.floor(picture.heightPx / cellPx);
    const columns = Math.floor(picture.widthPx / cellPx);
    if (this.#state?.shape[2] !== rows || this.#state.shape[3] !== columns) {
      const data = new Float32Array(stateChannels * rows * columns);
      this.#state = { type: "float32", shape: [1, stateChannels, rows, columns], data };
    }
    return {
      frame: { type: "uint8", shape: [1, picture.heightPx, picture.widthPx, 3], data: picture.rgb },
      state: this.#state,
      elapsedS: { type: "float32", shape: [1, 1, 1, 1], data: Float32Array.of(elapsedMs / 1000) },
    };
  }

  decode(outputs: Tensors): readonly Observation[] {
    const { decoder } = this.#manifest;
    const { thresholds } = decoder;
    this.#state = this.#need(outputs, "nextState");
    const score = this.#need(outputs, "score");
    const [, , rows = 0, columns = 0] = score.shape;
    const maps: CellMaps = {
      rows,
      columns,
      score: score.data as Float32Array,
      moving: this.#need(outputs, "moving").data as Float32Array,
    };
    if (foregroundShare(maps, thresholds) > thresholds.sceneChange01) {
      return [];
    }
    const minCells = Math.max(MIN_CELLS, Math.round(thresholds.minArea01 * rows * columns));
    const regions = findRegions(maps, { ...thresholds, minCells });
    return regions.map((region) => toObservation(region, maps, decoder.label, minCells));
  }

  reset(): void {
    this.#state = undefined;
  }

  #need(outputs: Tensors, name: string): Tensor {
    const tensor = outputs[name];
    if (tensor?.type !== "float32") {
      const actual = Object.keys(outputs).join(", ");
      throw inferenceErrors.make("MODEL_MISMATCH", {
        name: this.#manifest.name,
        what: "a float output",
        expected: name,
        actual,
      });
    }
    return tensor;
  }
}

function toObservation(region: CellRegion, maps: CellMaps, label: string, minCells: number): Observation {
  const { columns, rows } = maps;
  return {
    label,
    score01: region.score01,
    moving01: region.moving01,
    box: toBox(region.box, columns, rows),
    outside: (boxes) => {
      const cellBoxes = boxes.map((box) => toCellBox(box, columns, rows));
      const rest = boxOutside(region, columns, cellBoxes, minCells);
      return rest === undefined ? undefined : toBox(rest, columns, rows);
    },
  };
}

function toBox({ left, top, right, bottom }: CellBox, columns: number, rows: number): Box {
  return { x: left / columns, y: top / rows, width: (right - left) / columns, height: (bottom - top) / rows };
}

function toCellBox({ x, y, width, height }: Box, columns: number, rows: number): CellBox {
  return { left: x * columns, top: y * rows, right: (x + width) * columns, bottom: (y + height) * rows };
}
