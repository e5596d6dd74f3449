import assert from "node:assert/strict";
import { test } from "node:test";
import { COLOURS_PACK, likenessOf, openEmbeddingRig } from "./embedding-rig.ts";

type Colour = readonly [number, number, number];

/** A figure of a coat and trousers before a grey wall, moved a little and in other light. */
function figure(coat: Colour, trousers: Colour, { gain = 1, shiftPx = 0 } = {}): Uint8Array {
  return Uint8Array.from({ length: 64 * 128 * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % 64, Math.floor(at / 192)];
    const isBody = x >= 16 + shiftPx && x < 48 + shiftPx && y >= 10;
    const level = isBody ? ((y < 70 ? coat : trousers)[at % 3] as number) : 130 + ((x * 7 + y * 3) % 11);
    return Math.min(255, level * gain);
  });
}

const RED: Colour = [190, 40, 40];
const BLUE: Colour = [40, 60, 170];
const BLACK: Colour = [25, 25, 30];

test("the same clothes are alike in other light and a little aside; other clothes are not", async () => {
  await using rig = await openEmbeddingRig(COLOURS_PACK);
  assert.deepEqual([rig.widthPx, rig.heightPx], [64, 128]);
  const red = await rig.embed(figure(RED, BLACK));
  const again = await rig.embed(figure(RED, BLACK, { gain: 0.8, shiftPx: 3 }));
  const blue = await rig.embed(figure(BLUE, BLACK));
  const upsideDown = await rig.embed(figure(BLACK, RED));
  const seen = [again, blue, upsideDown].map((other) => likenessOf(red, other));
  assert.ok((seen[0] as number) > 0.85, `the same: ${seen[0]}`);
  assert.ok(Math.max(...seen.slice(1)) < 0.75, `others: ${seen.slice(1)}`);
  assert.equal(rig.host.counts().embedded, 4);
});

test("a picture that shows nothing has no embedding, and holds nobody up", async () => {
  await using rig = await openEmbeddingRig(COLOURS_PACK);
  rig.host.offer({
    eventId: "grey",
    rgb: new Uint8Array(64 * 128 * 3).fill(90),
    tell: () => assert.fail("of nothing"),
  });
  assert.equal((await rig.embed(figure(RED, BLUE))).length, 128);
  assert.deepEqual(rig.host.counts(), { embedded: 1, dropped: 0, errors: 0, lastError: null });
});
