/** Surfaces that several scenes are built from: brick, plaster, planks, leaves. */
import { type Color, lit, mix } from "../picture/color.ts";
import type { Painter } from "../picture/painter.ts";
import { between, type Random } from "../picture/random.ts";
import { ellipse } from "../picture/shapes.ts";
import { blotches, cloudy, grain } from "../picture/texture.ts";

/** A surface's colour at each place. */
export type Surface = (x: number, y: number) => Color;

/** Brickwork: rows shifted by half a brick, each brick of its own shade. */
export function brick(color: Color, width = 26, height = 11): Surface {
  const mortar = mix(color, [190, 184, 174], 0.55);
  return (x, y) => {
    const row = Math.floor(y / height);
    const along = x / width + (row % 2) * 0.5;
    const column = Math.floor(along);
    const inMortar = (along - column) * width < 2 || y - row * height < 2;
    return inMortar ? mortar : lit(color, 0.84 + 0.3 * grain(column, row) + 0.08 * cloudy(x / 90, y / 90, 2));
  };
}

/** Plaster: nearly even, with stains. */
export function plaster(color: Color): Surface {
  return (x, y) => lit(color, 0.92 + 0.1 * cloudy(x / 70, y / 70, 3) + 0.03 * grain(x, y));
}

/** Planks side by side. */
export function planks(color: Color, width = 16): Surface {
  return (x, y) => {
    const plank = Math.floor(x / width);
    const share = x / width - plank;
    const edge = share < 0.09 ? 0.6 : 1;
    return lit(color, edge * (0.82 + 0.22 * grain(plank, 7) + 0.12 * blotches(x / 3, y / 40, plank)));
  };
}

/** Roof tiles in rows. */
export function tiles(color: Color): Surface {
  return (x, y) => {
    const row = Math.floor(y / 9);
    const along = x / 13 + (row % 2) * 0.5;
    const column = Math.floor(along);
    const bend = 1 - 0.5 * Math.abs(along - column - 0.4);
    return lit(color, (0.72 + 0.3 * bend) * (0.9 + 0.18 * grain(column, row)) * (y - row * 9 < 1.6 ? 0.72 : 1));
  };
}

/** A mass of leaves: blobs from dark inside to light outside and above. */
export function paintFoliage(
  painter: Painter,
  random: Random,
  place: { readonly x: number; readonly y: number; readonly radiusX: number; readonly radiusY: number },
  color: Color,
  leaves = 420,
): void {
  for (let leaf = 0; leaf < leaves; leaf++) {
    const depth = leaf / leaves; // painted from the back to the front
    const angle = between(random, 0, 2 * Math.PI);
    const distance = Math.sqrt(random()) * (1 - depth * 0.12);
    const [dx, dy] = [Math.cos(angle) * distance, Math.sin(angle) * distance];
    const light = 0.55 + 0.42 * depth - 0.26 * dy - 0.14 * dx + between(random, -0.1, 0.1);
    const size = between(random, 0.09, 0.2) * place.radiusY * (1.15 - depth * 0.5);
    painter.polygon(
      ellipse(place.x + dx * place.radiusX, place.y + dy * place.radiusY, size * 1.15, size * 0.85, 9),
      lit(mix(color, [202, 214, 110], between(random, 0, 0.2)), light),
    );
  }
}
