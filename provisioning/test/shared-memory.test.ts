/** Memory limits of the services that write rings: the rings count for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAMERA_RINGS, cameraRingsMiB } from "@lanthorn/contract";
import { SERVICES } from "../services.ts";

const CAMERAS = 100;
const limit = (name: string) => SERVICES.find((service) => service.name === name)?.memoryMaxMiB ?? 0;

test("the rings of 100 cameras at 1080p fit under their writers' memory limits, with room for the process", () => {
  const allMiB = cameraRingsMiB({ widthPx: 1920, heightPx: 1088 }, CAMERA_RINGS.spareSlots);
  const framesMiB = allMiB - CAMERA_RINGS.packetsMiB - CAMERA_RINGS.resultsMiB;
  assert.ok(limit("decode") > CAMERAS * framesMiB * 1.2, `${CAMERAS * framesMiB} MiB of frames`);
  assert.ok(limit("ingest") > CAMERAS * CAMERA_RINGS.packetsMiB * 1.2);
  assert.ok(limit("inference") > CAMERAS * CAMERA_RINGS.resultsMiB * 1.2);
});
