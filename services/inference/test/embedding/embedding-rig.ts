/** An embedding pack over pictures, as the service runs it over the things of events. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createLogger, systemClock } from "@lanthorn/base";
import { EmbeddingHost } from "../../src/embedding/embedding-host.ts";
import { InTurnScheduler } from "../../src/scheduler/in-turn.ts";

/** Folder of the built-in pack. */
export const COLOURS_PACK = fileURLToPath(new URL("../../models/colours", import.meta.url));

/** A loaded pack. */
export interface EmbeddingRig extends AsyncDisposable {
  readonly host: EmbeddingHost;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The embedding of a picture of that size, as it is published. */
  embed(rgb: Uint8Array): Promise<Int8Array>;
}

/** Opens a rig. Owner: close by `await using`. */
export async function openEmbeddingRig(folder: string): Promise<EmbeddingRig> {
  const log = createLogger("test", "silent");
  const host = new EmbeddingHost({ folder, scheduler: new InTurnScheduler(), clock: systemClock, log });
  await host.start();
  const size = host.pictureSize ?? assert.fail("no pack is loaded");
  let pictures = 0;
  return {
    host,
    ...size,
    embed: (rgb) =>
      new Promise((resolve) => {
        host.offer({ eventId: `e${++pictures}`, rgb, tell: resolve });
      }),
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

/** Cosine of two embeddings. */
export function likenessOf(one: Int8Array, other: Int8Array): number {
  const dot = (a: Int8Array, b: Int8Array) => a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}
