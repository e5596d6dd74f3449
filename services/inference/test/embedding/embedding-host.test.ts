import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { EmbeddingDecoder } from "../../src/decoders/embedding/decoder.ts";
import { EmbeddingHost } from "../../src/embedding/embedding-host.ts";
import { regionOfThing } from "../../src/embedding/thing-region.ts";
import { loadPack } from "../../src/packs/load-pack.ts";
import { type EmbeddingManifest, embeddingManifest } from "../../src/packs/manifest.ts";
import { MOTION_PACK } from "../motion-rig.ts";
import { COLOURS_PACK } from "./embedding-rig.ts";

const log = createLogger("test", "silent");
const PICTURE = Uint8Array.from({ length: 64 * 128 * 3 }, (_, at) => (at * 7) % 251);

function hostOf(folder: string, isBusy: () => boolean = () => false): EmbeddingHost {
  const scheduler = {
    waiting: 0,
    get isBusy() {
      return isBusy();
    },
    infer: () => assert.fail("not asked"),
  };
  return new EmbeddingHost({ folder, scheduler, clock: systemClock, log });
}

async function changedPack(change: (manifest: EmbeddingManifest) => object) {
  const folder = await mkdtemp(join(tmpdir(), "lanthorn-pack-"));
  await cp(COLOURS_PACK, folder, { recursive: true });
  const file = join(folder, "manifest.json");
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, "utf8")) as EmbeddingManifest)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test("while detection is busy pictures wait: a better one of an event replaces it, and the oldest goes when the queue is full", async () => {
  let isBusy = true;
  const host = hostOf(COLOURS_PACK, () => isBusy);
  await host.start();
  try {
    const told: string[] = [];
    const offer = (eventId: string, name = eventId) =>
      host.offer({ eventId, rgb: PICTURE, tell: () => told.push(name) });
    for (let at = 0; at < 33; at++) {
      offer(`e${at}`);
    }
    offer("e5", "better");
    isBusy = false;
    const all = await waitUntil("all embeddings", () => (host.counts().embedded >= 32 ? told : undefined));
    assert.ok(all.includes("better") && !all.includes("e5"));
    assert.equal(host.counts().embedded + host.counts().dropped, 34);
    isBusy = true;
    offer("late");
    await waitUntil("its turn although detection never rests", () => told.includes("late"));
  } finally {
    await host.stop();
  }
  host.offer({ eventId: "after", rgb: PICTURE, tell: () => assert.fail("stopped") });
});

test("packs of another task, and manifests that this decoder cannot serve, are refused by name", async () => {
  await assert.rejects(hostOf(MOTION_PACK).start(), { code: "MODEL_TASK", message: /embedding\.pack.*is motion/ });
  const cases: [RegExp, (manifest: EmbeddingManifest) => object][] = [
    [/input\.heightPx/, (manifest) => ({ ...manifest, input: { ...manifest.input, heightPx: "by-aspect" } })],
    [/input\.resize/, (manifest) => ({ ...manifest, input: { ...manifest.input, resize: "letterbox-centre" } })],
    [/normalise/, (manifest) => ({ ...manifest, input: { ...manifest.input, colour: "grey" } })],
    [/dims.*8 to 2048.*7/, (manifest) => ({ ...manifest, decoder: { ...manifest.decoder, dims: 7 } })],
    [/embedding of 64 floats.*\[1, 128\]/, (manifest) => ({ ...manifest, decoder: { ...manifest.decoder, dims: 64 } })],
    [/an output.*features/, (manifest) => ({ ...manifest, decoder: { ...manifest.decoder, output: "features" } })],
    [/inputs.*image.*picture/, (manifest) => ({ ...manifest, input: { ...manifest.input, name: "image" } })],
  ];
  for (const [message, change] of cases) {
    await using pack = await changedPack(change);
    await assert.rejects(hostOf(pack.folder).start(), { code: "MODEL_MISMATCH", message });
  }
});

test("layouts, colour orders and normalisation are the manifest's", async () => {
  const manifest = embeddingManifest((await loadPack(COLOURS_PACK)).manifest);
  const picture = { widthPx: 2, heightPx: 1, rgb: Uint8Array.of(10, 20, 30, 40, 50, 60) };
  const dataOf = (input: Partial<EmbeddingManifest["input"]>) => {
    const inputs = new EmbeddingDecoder({ ...manifest, input: { ...manifest.input, ...input } }).inputs(picture);
    return { shape: inputs.picture?.shape, data: [...((inputs.picture?.data ?? []) as Iterable<number>)] };
  };
  assert.deepEqual(dataOf({}), { shape: [1, 1, 2, 3], data: [10, 20, 30, 40, 50, 60] });
  const floats = { type: "float32", layout: "NCHW", colour: "BGR" } as const;
  const normalise = { scale: 0.5, mean: [1, 2, 3], std: [1, 2, 1] };
  assert.deepEqual(dataOf({ ...floats, normalise }), { shape: [1, 3, 1, 2], data: [14, 29, 4, 11.5, 2, 17] });
  const grey = dataOf({ colour: "grey", normalise: { scale: 1, mean: [0], std: [1] } });
  assert.deepEqual(grey, { shape: [1, 1, 2, 1], data: [18, 48] });
});

test("a thing's region lies in the frame; what is too small has none", () => {
  const frame = { widthPx: 384, heightPx: 216 };
  assert.deepEqual(regionOfThing({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 }, frame), {
    ...{ xPx: 192, yPx: 108, widthPx: 192, heightPx: 108 },
  });
  assert.deepEqual(regionOfThing({ x: 0, y: 0, width: 1, height: 1 }, frame), { xPx: 0, yPx: 0, ...frame });
  assert.equal(regionOfThing({ x: 0.5, y: 0.5, width: 0.01, height: 0.5 }, frame), undefined);
  assert.equal(regionOfThing({ x: 1, y: 1, width: 0, height: 0 }, frame), undefined);
});
