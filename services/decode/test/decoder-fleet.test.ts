/** Decoders come and go with their cameras, follow their readers, and a hung one starves the watchdog. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@lanthorn/testing";
import { type CameraList, DecoderFleet } from "../src/decoder-fleet.ts";
import { FakeDecoder, FakeSensors } from "./fake-decoder.ts";

/** A fleet over a list that the test changes. */
function makeFleet(ids: string[]) {
  const clock = new FakeClock();
  const decoders = new Map<string, FakeDecoder>();
  const sensorDecoders = new Map<string, FakeSensors>();
  const warnings: string[] = [];
  let enabled = new Map(ids.map((id) => [id, true]));
  let listener = () => {};
  const list: CameraList = {
    cameras: () => [...enabled].map(([id, isEnabled]) => ({ id, enabled: isEnabled })),
    onChange: (callback) => {
      listener = callback;
      return () => {};
    },
    fault: () => undefined,
  };
  const fleet = new DecoderFleet({
    list,
    config: { threads: 1, maxFps: 12, lingerMs: 5000 },
    openDecoder: (id) => {
      const decoder = new FakeDecoder();
      decoders.set(id, decoder);
      return decoder;
    },
    openSensors: (id) => {
      const sensors = new FakeSensors();
      sensorDecoders.set(id, sensors);
      return sensors;
    },
    clock,
    log: { info: () => {}, warn: (_fields, message) => warnings.push(message) },
  });
  fleet.start();
  const setCameras = (next: Record<string, boolean>) => {
    enabled = new Map(Object.entries(next));
    listener();
  };
  const decoder = (id: string): FakeDecoder => {
    const found = decoders.get(id);
    assert.ok(found, `no decoder for ${id}`);
    return found;
  };
  const sensors = (id: string): FakeSensors => {
    const found = sensorDecoders.get(id);
    assert.ok(found, `no sensor decoder for ${id}`);
    return found;
  };
  return { fleet, clock, decoder, decoders, sensors, setCameras, warnings };
}

test("each enabled camera has a decoder; a disabled or removed one loses it, and the others go on", () => {
  const { fleet, decoder, decoders, sensors, setCameras } = makeFleet(["porch", "street"]);
  setCameras({ street: true, porch: false, yard: true });
  assert.deepEqual([...decoders.keys()], ["porch", "street", "yard"]);
  assert.equal(decoder("porch").closed, true);
  assert.equal(sensors("porch").closed, true);
  assert.equal(decoder("street").closed, false);
  assert.deepEqual(
    fleet.rows().map(({ id }) => id),
    ["street", "yard"],
  );
  fleet.stop();
  fleet.stop();
  assert.equal(decoder("yard").closed, true);
});

test("demand follows the readers of each camera alone", async () => {
  const { clock, decoder, fleet } = makeFleet(["porch", "street"]);
  assert.deepEqual(decoder("porch").demands, [["key", 12]]);
  decoder("porch").set({ readers: 1 });
  await clock.advance(400);
  assert.deepEqual(decoder("porch").demands.at(-1), ["all", 12]);
  assert.equal(decoder("street").demands.length, 1);
  assert.equal(fleet.rows()[0]?.demand, "all");
  decoder("porch").set({ readers: 0 });
  await clock.advance(4000);
  assert.deepEqual(decoder("porch").demands.at(-1), ["all", 12]);
  await clock.advance(2000);
  assert.deepEqual(decoder("porch").demands.at(-1), ["key", 12]);
  fleet.stop();
});

test("errors in sound and sensor samples are told once a second, and stand in the row", async () => {
  const { clock, fleet, sensors, warnings } = makeFleet(["porch"]);
  sensors("porch").set({ soundErrors: 2, imuUnitsRejected: 3, imuSamplesDropped: 4, lastError: "no sound!" });
  await clock.advance(3000);
  assert.deepEqual(warnings, ["9 errors in sound or sensor samples, last was: no sound!"]);
  assert.equal(fleet.rows()[0]?.sensors.imuSamplesDropped, 4);
  fleet.stop();
});

test("errors are told once a second with their number, not one by one", async () => {
  const { clock, decoder, fleet, warnings } = makeFleet(["porch"]);
  decoder("porch").set({ errors: 37, lastError: "no frame!" });
  await clock.advance(3000);
  assert.deepEqual(warnings, ["37 decode errors, last was: no frame!"]);
  fleet.stop();
});

test("the watchdog's counter moves while all decoders turn, stands still when one hangs, and rests without cameras", async () => {
  const { clock, decoder, fleet, sensors, setCameras } = makeFleet(["porch", "street"]);
  let areSensorsHung = false;
  const pass = async () => {
    const before = fleet.progress.count();
    decoder("porch").set({ turns: decoder("porch").counts.turns + 4 });
    sensors("porch").set({ turns: sensors("porch").counts.turns + 4 });
    sensors("street").set({ turns: sensors("street").counts.turns + (areSensorsHung ? 0 : 4) });
    await clock.advance(1000);
    return fleet.progress.count() !== before;
  };
  decoder("street").set({ turns: 4 });
  assert.equal(await pass(), true);
  assert.equal(await pass(), false, "street did not turn");
  decoder("street").set({ turns: 8 });
  assert.equal(await pass(), true);
  decoder("street").set({ turns: 12 });
  areSensorsHung = true;
  assert.equal(await pass(), false, "street's sensors did not turn");
  assert.equal(fleet.progress.isIdle(), false);
  setCameras({});
  assert.equal(fleet.progress.isIdle(), true);
  fleet.stop();
});

test("pictures that are decoded but have no ring are a fault in words", () => {
  const { decoder, fleet } = makeFleet(["porch"]);
  assert.deepEqual(fleet.faults(), []);
  decoder("porch").set({ framesDecoded: 3, slots: 0, lastError: "/dev/shm cannot hold the ring" });
  assert.deepEqual(fleet.faults(), ["camera porch: /dev/shm cannot hold the ring"]);
  fleet.stop();
});
