/** Memory limits of the services that write rings: the rings count for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAMERA_RINGS, cameraRingsMiB } from "@lanthorn/contract";
import { SERVICES } from "../services.ts";

const CAMERAS = 100;
/** What libsrt keeps for a stream: docs/design/ingest.md#receiving. */
const SRT_BUFFERS_MIB = 8;
const limit = (name: string) => SERVICES.find((service) => service.name === name)?.memoryMaxMiB ?? 0;

test("the rings of 100 cameras at 1080p fit under their writers' memory limits, with room for the process", () => {
  const { packetsMiB, packetsSubMiB, resultsMiB, spareSlots } = CAMERA_RINGS;
  const allMiB = cameraRingsMiB({ widthPx: 1920, heightPx: 1088 }, { spareSlots, hasSubStream: true });
  const framesMiB = allMiB - packetsMiB - packetsSubMiB - resultsMiB; // and previews and sound, which decode writes too
  assert.ok(limit("decode") > CAMERAS * framesMiB * 1.2, `${CAMERAS * framesMiB} MiB of frames`);
  assert.ok(limit("ingest") > CAMERAS * (packetsMiB + packetsSubMiB + 2 * SRT_BUFFERS_MIB) * 1.2);
  assert.ok(limit("inference") > CAMERAS * resultsMiB * 1.2);
});
