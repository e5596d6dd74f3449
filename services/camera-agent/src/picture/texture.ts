/** Grain and blotches: deterministic noise over the plane. */

/** A value from 0 to 1 for a whole-numbered place, without pattern. */
export function grain(x: number, y: number, seed = 0): number {
  let hash = Math.imul(x | 0, 374_761_393) + Math.imul(y | 0, 668_265_263) + Math.imul(seed, 974_634_511);
  hash = Math.imul(hash ^ (hash >>> 13), 1_274_126_177);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/** Smooth noise from 0 to 1: grain at whole places, eased in between. */
export function blotches(x: number, y: number, seed = 0): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const shareX = ease(x - left);
  const shareY = ease(y - top);
  const upper = grain(left, top, seed) * (1 - shareX) + grain(left + 1, top, seed) * shareX;
  const lower = grain(left, top + 1, seed) * (1 - shareX) + grain(left + 1, top + 1, seed) * shareX;
  return upper * (1 - shareY) + lower * shareY;
}

/** Noise of several sizes on top of each other, from 0 to 1: clouds, stains, foliage. */
export function cloudy(x: number, y: number, octaves: number, seed = 0): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += blotches(x * 2 ** octave, y * 2 ** octave, seed + octave) * weight;
    total += weight;
    weight /= 2;
  }
  return sum / total;
}

function ease(share: number): number {
  return share * share * (3 - 2 * share);
}
