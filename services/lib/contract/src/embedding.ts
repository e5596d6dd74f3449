/** Embeddings: what a picture shows as a point among others; alike is near. Values are int8, only their direction counts. Pure. */
import { z } from "zod";

/** Fewest and most values of an embedding. */
export const EMBEDDING_DIMS = { least: 8, most: 2048 } as const;

/** The largest int8 whose negative is one too: values keep their sign's symmetry. */
const VALUE_MAX = 127;

/** The model an embedding was made by: vectors of different models, or versions of one, say nothing of each other. */
export const EmbeddingModel = z.object({
  name: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
});
/** The model an embedding was made by. */
export type EmbeddingModel = z.infer<typeof EmbeddingModel>;

/** Values of an embedding as text: int8, base64. */
export const EmbeddingValues = z.base64().max(Math.ceil(EMBEDDING_DIMS.most / 3) * 4);

/** Scales a vector so that its largest value is 127, and rounds. undefined: it has no direction (all zero, or not finite), or an impossible length. */
export function quantizeEmbedding(vector: ArrayLike<number>): Int8Array | undefined {
  let largest = 0;
  for (let at = 0; at < vector.length; at++) {
    const size = Math.abs(vector[at] as number);
    if (!Number.isFinite(size)) {
      return undefined;
    }
    largest = Math.max(largest, size);
  }
  if (largest === 0 || !isEmbeddingLength(vector.length)) {
    return undefined;
  }
  return Int8Array.from(vector, (value) => Math.round((value / largest) * VALUE_MAX));
}

/** int8 values as text. */
export function embeddingToText(values: Int8Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.length).toString("base64");
}

/** int8 values of text; undefined when they are not as many as said, or all zero. Owner: the caller. */
export function embeddingFromText(text: string, dims: number): Int8Array | undefined {
  const values = Int8Array.from(Buffer.from(text, "base64"), (byte) => (byte << 24) >> 24);
  return values.length === dims && isEmbeddingLength(dims) && values.some((value) => value !== 0) ? values : undefined;
}

function isEmbeddingLength(dims: number): boolean {
  return dims >= EMBEDDING_DIMS.least && dims <= EMBEDDING_DIMS.most;
}
