/**
 * An embedding without weights, written down as an ONNX graph: which colours lie where in a thing's picture, and how textured it is there.
 * Finds what has the same colours from the same side; knows no persons or makes of cars. Tested: test/embedding/colours.test.ts.
 */
import { ExpressionGraph } from "./expressions.ts";

/** Size of the picture of a thing. */
export const COLOURS_PICTURE = { widthPx: 64, heightPx: 128 } as const;
/** Edge of a cell of the grid, pixels. */
const CELL_PX = 16;
const CELLS = (COLOURS_PICTURE.widthPx / CELL_PX) * (COLOURS_PICTURE.heightPx / CELL_PX);
/** Values of the embedding: three colours and the contrast of each cell. */
export const COLOURS_DIMS = CELLS * 4;
/** Contrast counts as much as colour when its values are as large. */
const CONTRAST_WEIGHT = 2;
/** Steps between black and white. */
const STEPS = 1000;

/** Builds the model's bytes. Shape: picture u8 [batch, 128, 64, 3] RGB; out: embedding f32 [batch, COLOURS_DIMS]. */
export function coloursModel(): Buffer {
  const g = new ExpressionGraph("lanthorn_colours");
  const { heightPx, widthPx } = COLOURS_PICTURE;
  const picture = g.input("picture", "uint8", ["batch", heightPx, widthPx, 3]);
  const levels = g.op("Transpose", [g.asNumber(picture)], { perm: [0, 3, 1, 2] });
  const colours = g.mul(levels, g.number(1 / 255));
  const pool = { kernel_shape: [CELL_PX, CELL_PX], strides: [CELL_PX, CELL_PX] };
  // Less the picture's own mean: light and exposure are the camera's, not the thing's.
  const ofCells = g.sub(g.op("AveragePool", [colours], pool), g.mean(colours, [1, 2, 3]));
  const luma = g.mean(colours, [1]);
  const mean = g.op("AveragePool", [luma], pool);
  const variance = g.sub(g.op("AveragePool", [g.square(luma)], pool), g.square(mean));
  const contrast = g.op("Sqrt", [g.max(variance, g.number(0))]);
  const values = g.concatChannels([ofCells, g.mul(contrast, g.number(CONTRAST_WEIGHT))]);
  // In thousandths: what is less is the arithmetic's own, and a grey wall shall be nothing at all.
  const rounded = g.op("Round", [g.mul(values, g.number(STEPS))]);
  g.output("embedding", g.op("Flatten", [rounded], { axis: 1 }), "float", ["batch", COLOURS_DIMS]);
  return g.finish({ name: "lanthorn", version: "1" });
}
