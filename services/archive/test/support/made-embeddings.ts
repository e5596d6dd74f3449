/** Embeddings made by hand: things of which each has its own look, seen again and again a little differently. */
import { quantizeEmbedding } from "@lanthorn/contract";

/** Numbers that look normally distributed and are the same in every run. */
export function makeNoise(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => uniform() + uniform() + uniform() + uniform() - 2;
}

/** A view of a thing: all values positive, as after a ReLU; a large part is common to all things. */
export function viewOf(thing: number, view: number, dims = 512): Int8Array {
  const [look, noise, common] = [makeNoise(thing * 7919 + 1), makeNoise(view * 104_729 + thing), makeNoise(5)];
  const values = Array.from({ length: dims }, () => Math.max(0, 1 + common() * 0.6 + look() + 0.25 * noise()));
  return quantizeEmbedding(values) as Int8Array;
}
