import assert from "node:assert/strict";
import { test } from "node:test";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import {
  decodeResult,
  decodeSnapshot,
  embeddingFromText,
  InferenceStatus,
  type ResultRecord,
  ringName,
} from "@lanthorn/contract";
import { followByteRing, listRings, RECORD_TYPES, type ReadRecord } from "@lanthorn/rings";
import { makeTemporaryHome, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";
import { FrameSource } from "./frame-source.ts";
import type { SceneFrame } from "./synthetic-scene.ts";

/** A figure that crosses the picture in five seconds. */
const crossing = (t: number): SceneFrame => ({
  boxes: [{ x: t * 0.2, y: 0.3, width: 0.07, height: 0.3, rgb: [30, 50, 170] }],
});

/** Registers cameras by the service that owns the registry, and stops it: the directory outlives it. */
async function registerCameras(home: TemporaryHome, ...ids: string[]): Promise<void> {
  await using _cameras = await startService("cameras", home);
  for (const id of ids) {
    const json = { id, name: id, source: { kind: "srt-listener" } };
    await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json });
  }
}

/** Reads a camera's results ring from its beginning until disposed. */
function readResults(home: TemporaryHome, camera: string) {
  const stopping = new AbortController();
  const records: ResultRecord[] = [];
  const snapshots: NonNullable<ReturnType<typeof decodeSnapshot>>[] = [];
  const onRecord = ({ meta, payload }: ReadRecord) => {
    if (meta.type === RECORD_TYPES.snapshot) {
      const snapshot = decodeSnapshot(payload);
      assert.ok(snapshot !== undefined, "a snapshot record that is none");
      snapshots.push(snapshot);
    } else {
      const record = decodeResult(payload);
      assert.ok(record !== undefined, `not a result: ${payload.toString()}`);
      records.push(record);
    }
  };
  const name = ringName(home.ringPrefix, camera, "results");
  const ended = followByteRing({ name, clock: systemClock, signal: stopping.signal, from: "oldest", onRecord });
  return {
    records,
    snapshots,
    events: () => records.filter((record) => record.type === "event"),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function statusOf(home: TemporaryHome): Promise<InferenceStatus> {
  return InferenceStatus.parse(await requestJson(home.runDir, "inference", { path: "/status" }));
}

test("a figure in the frame ring becomes one event with pictures and overlays in the results ring", async () => {
  using home = makeTemporaryHome();
  await registerCameras(home, "street");
  await using service = await startService("inference", home, { watchdogMs: 2000 });
  await using results = readResults(home, "street");
  using source = new FrameSource(home.ringPrefix, "street");
  await source.play(4);
  const beganUs = systemClock.wallUs();
  await source.play(5, crossing);
  const crossedMs = (systemClock.wallUs() - beganUs) / 1000; // 5 s, or more where the source itself waits for a processor
  await source.play(3);

  const events = await waitUntil("the event to end", () => {
    const all = results.events();
    return all.some((record) => record.phase === "end") ? all : undefined;
  });
  assert.deepEqual(new Set(events.map((record) => record.event.id)).size, 1);
  assert.equal(events[0]?.phase, "new");
  assert.equal(events.at(-1)?.phase, "end");
  const phases = events.map((record) => record.phase);
  assert.ok(phases.filter((phase) => phase === "update").length >= 2, phases.join(" "));
  const { event } = events.at(-1) ?? assert.fail();
  const lastedMs = ((event.endWallUs ?? 0) - event.startWallUs) / 1000;
  assert.ok(lastedMs > crossedMs - 1500 && lastedMs < crossedMs + 2000, `lasted ${lastedMs} ms of ${crossedMs} ms`);
  assert.ok(events.every((record) => record.arrivalToEventMs > 0));

  const overlays = results.records.filter((record) => record.type === "frame");
  const shown = overlays.filter((record) => record.detections.length > 0);
  assert.ok(shown.length > 20, `${shown.length} frames with boxes`);
  assert.ok(shown.every((record) => record.detections[0]?.trackId === event.trackId));
  assert.equal(overlays.at(-1)?.detections.length, 0, "the last frame record says that it is empty");

  assert.ok(results.snapshots.length >= 1);
  for (const { header, jpeg } of results.snapshots) {
    assert.equal(header.eventId, event.id);
    assert.deepEqual([jpeg.readUInt16BE(0), jpeg.readUInt16BE(jpeg.length - 2)], [0xffd8, 0xffd9]);
  }

  const status = await statusOf(home);
  assert.deepEqual(
    status.models.map((model) => [model.name, model.executionProvider]),
    [["motion", "cpu"]],
  );
  const [camera] = status.cameras;
  assert.equal(camera?.events, 1);
  assert.ok((camera?.framesInferred ?? 0) > 100);
  assert.ok((camera?.inferenceMs.p95 ?? 0) > 0);
  assert.ok(status.arrivalToEventMs.count >= 3 && status.arrivalToEventMs.p95 > 0);
  const metrics = (await requestSocket(home.runDir, "inference", { path: "/metrics" })).body.toString();
  assert.match(metrics, /lanthorn_inference_events_total\{camera="street",service="inference"\} 1/);
  assert.ok(service.notifications().includes("WATCHDOG=1"));
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.deepEqual(
    listRings(home.ringPrefix).map((ring) => ring.name),
    [ringName(home.ringPrefix, "street", "frames")],
    "the results ring is gone with its service",
  );
});

test("killed and started anew it goes on with the frames that come, in a new results ring", async () => {
  using home = makeTemporaryHome();
  await registerCameras(home, "street");
  using source = new FrameSource(home.ringPrefix, "street");
  await using results = readResults(home, "street");
  const first = await startService("inference", home);
  await source.play(1);
  await waitUntil("frames", async () => ((await statusOf(home)).cameras[0]?.framesInferred ?? 0) > 5);
  await first.kill9();
  await using _second = await startService("inference", home);
  await source.play(4);
  await source.play(3, crossing);
  await waitUntil("an event after the restart", () => results.events().length > 0);
});

test("frames that stop, and a service that stops, end the events that go on", async () => {
  using home = makeTemporaryHome();
  await registerCameras(home, "gate", "porch");
  await using service = await startService("inference", home, { arguments: ["--set", "events.silenceMs=1000"] });
  await using gate = readResults(home, "gate");
  await using porch = readResults(home, "porch");
  using gateFrames = new FrameSource(home.ringPrefix, "gate");
  using porchFrames = new FrameSource(home.ringPrefix, "porch");
  await Promise.all([gateFrames.play(3), porchFrames.play(3)]);
  await Promise.all([gateFrames.play(2, crossing), porchFrames.play(2, crossing)]);
  const phases = (results: typeof gate) => results.events().map((record) => record.phase);
  await waitUntil("the silent camera's event to end", () => phases(gate).at(-1) === "end");
  const going = porchFrames.play(2, (t) => crossing(t + 2));
  await waitUntil("the other camera's next event", () => phases(porch).at(-1) !== "end" && phases(porch).length > 0);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  await waitUntil("its end", () => phases(porch).at(-1) === "end");
  await going;
});

test("a camera whose frames cannot be understood is told of, and costs the others nothing", async () => {
  using home = makeTemporaryHome();
  await registerCameras(home, "good");
  await using service = await startService("inference", home, { arguments: ["--set", "motion.maxFps=60"] });
  using source = new FrameSource(home.ringPrefix, "good");
  source.publishBroken();
  await waitUntil("the fault", async () => ((await statusOf(home)).cameras[0]?.errors as number) > 0);
  await source.play(1);
  await waitUntil("frames after it", async () => ((await statusOf(home)).cameras[0]?.framesInferred ?? 0) > 3);
  assert.match(String((await statusOf(home)).cameras[0]?.lastError), /\w/);
  await service.logged(/frames could not be analysed/);
});

test("with an embedding pack, the pictures of an event are embedded too: at most one each, and figures of one colour are alike", async () => {
  using home = makeTemporaryHome();
  await registerCameras(home, "street");
  await using _service = await startService("inference", home, { arguments: ["--set", "embedding.pack=colours"] });
  await using results = readResults(home, "street");
  using source = new FrameSource(home.ringPrefix, "street");
  const embeddings = () => results.records.filter((record) => record.type === "embedding");
  await source.play(4);
  await source.play(3, crossing);
  await waitUntil("an embedding", () => embeddings().length > 0);
  await source.play(3);
  const ids = await waitUntil("the event to end", () => {
    const ended = results.events().filter((record) => record.phase === "end");
    return ended.length > 0 ? new Set(ended.map((record) => record.event.id)) : undefined;
  });
  for (const record of embeddings()) {
    assert.ok(ids.has(record.eventId));
    assert.deepEqual([record.model, record.dims], [{ name: "colours", version: "1" }, 128]);
    assert.equal(embeddingFromText(record.values, record.dims)?.length, 128);
    assert.ok(results.snapshots.some(({ header }) => header.captureWallUs === record.frame.captureWallUs));
  }
  assert.ok(embeddings().length <= results.snapshots.length);
  const status = await statusOf(home);
  assert.deepEqual(
    status.models.map(({ name }) => name),
    ["motion", "colours"],
  );
  assert.equal((status.embedding as { embedded: number }).embedded, embeddings().length);
});

test("a pack that is not there ends the start with its code", async () => {
  using home = makeTemporaryHome();
  await assert.rejects(
    startService("inference", home, { arguments: ["--set", "motion.pack=/nonexistent/pack"] }),
    /MODEL_PACK_MISSING/,
  );
});
