import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Export } from "@lanthorn/contract";
import { ringName } from "@lanthorn/contract";
import { StreamSource } from "@lanthorn/media";
import { openRegistryWriter } from "@lanthorn/registry";
import { REPOSITORY_ROOT, type TestMediaOptions } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import {
  closedSegments,
  complaintsAbout,
  createExport,
  ended,
  exportFolder,
  pictureHashes,
  readManifest,
  streamsOf,
  verify,
} from "../support/export-rig.ts";

async function assertGood(rig: ArchiveRig, done: Export): Promise<string[]> {
  assert.equal(done.state, "done", JSON.stringify(done.error));
  const folder = exportFolder(rig, done.id);
  const files = done.files.flatMap(({ name }) => (name.endsWith(".mp4") ? [join(folder, name)] : []));
  assert.ok(files.length > 0);
  for (const file of files) {
    assert.equal(await complaintsAbout(file), "", file);
  }
  const { code, text } = await verify(folder);
  assert.equal(code, 0, text);
  return files;
}

for (const [what, media, expected] of [
  [
    "H.264 with reordered pictures and Opus",
    { bFrames: 2, audio: "opus" },
    { original: ["h264", "aac"], burned: ["h264", "aac"] },
  ],
  ["H.265 with AAC", { video: "hevc", audio: "aac" }, { original: ["hevc", "aac"], burned: ["h264", "aac"] }],
] as const satisfies readonly (readonly [string, TestMediaOptions, object])[]) {
  test(`${what}: exports are exact and quiet, over a gap too`, async () => {
    await using rig = new ArchiveRig();
    await rig.feed("street", media);
    const registry = openRegistryWriter(rig.home.registryDir);
    registry.prepare("update camera set name = ?").run("{\\fs90}%{pts}'\\N\u202e🦊\n[x]");
    registry.close();
    await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
    await closedSegments(rig, "street", 1);
    rig.disconnect("street");
    await sleep(2500); // real time must pass: the gap is to be one
    await rig.connect("street", media);
    const segments = await closedSegments(rig, "street", 4);
    const fromUs = (segments[0]?.startWallUs ?? 0) + 1_450_000;
    const toUs = (segments[3]?.startWallUs ?? 0) + 1_450_000;
    const asked = { cameras: ["street"], fromUs, toUs };
    const original = await ended(rig, (await createExport(rig, asked)).id);
    const files = await assertGood(rig, original);
    assert.equal(files.length, 2, "a file on each side of the gap");
    const kept = await ended(rig, (await createExport(rig, { ...asked, options: { sound: "original" } })).id);
    await assertGood(rig, kept);
    const mute = await ended(rig, (await createExport(rig, { ...asked, options: { sound: "none" } })).id);
    const [silent = ""] = await assertGood(rig, mute);
    assert.deepEqual(
      (await streamsOf(silent)).map(({ codec_type }) => codec_type),
      ["video"],
    );
    const recorded = await pictureHashes(join(rig.stateDir, "recordings"), "street");
    for (const file of files) {
      const pictures = await pictureHashes(file);
      // The camera sends the same pictures again after it came back.
      const isRun = recorded.some((_, start) => pictures.every((hash, index) => hash === recorded[start + index]));
      assert.ok(
        isRun && pictures.length > 20,
        `${file}: ${pictures.length} pictures, not those of the recording in a row`,
      );
      assert.deepEqual(
        (await streamsOf(file)).map(({ codec_name }) => codec_name),
        expected.original,
      );
    }
    const burned = await ended(rig, (await createExport(rig, { ...asked, mode: "burned-time" })).id);
    const [joined = "", ...more] = await assertGood(rig, burned);
    assert.deepEqual(more, [], "one file over the gap");
    const streams = await streamsOf(joined);
    assert.deepEqual(
      streams.map(({ codec_name }) => codec_name),
      expected.burned,
    );
    const [video, sound] = streams;
    assert.ok(Math.abs(Number(video?.duration) - Number(sound?.duration)) < 0.1, JSON.stringify(streams));
    const [footage] = readManifest(exportFolder(rig, burned.id)).footage;
    const [gap] = footage?.missing ?? [];
    assert.ok(footage !== undefined && gap !== undefined && footage.missing.length === 1);
    const recordedS = (footage.to.us - footage.from.us - (gap.to.us - gap.from.us)) / 1e6;
    assert.ok(
      Math.abs(Number(video?.duration) - recordedS - 3) < 0.2,
      `${video?.duration} s for ${recordedS} s and a card of 3 s`,
    );
  });
}

test("footage of real cameras is exported in both modes", async (context) => {
  const footage = join(REPOSITORY_ROOT, "../shared/footage/person-bicycle-car-detection.mp4");
  const others = ["car-detection.mp4", "one-by-one-person-detection.mp4"].map((name) => join(footage, "..", name));
  const url = [footage, ...others].find((file) => existsSync(file));
  if (url === undefined) {
    context.skip(`SKIPPED: no ${footage}: real footage was not tried`);
    return;
  }
  await using rig = new ArchiveRig();
  rig.register("street");
  const source = StreamSource.open({
    url,
    packetRing: ringName(rig.home.ringPrefix, "street", "packets"),
    cameraId: "street",
  });
  try {
    await rig.start();
    const segments = await closedSegments(rig, "street", 2);
    const fromUs = (segments[0]?.startWallUs ?? 0) + 1_000_000;
    for (const mode of ["original", "burned-time"]) {
      const asked = { cameras: ["street"], fromUs, toUs: segments[1]?.endWallUs, mode };
      await assertGood(rig, await ended(rig, (await createExport(rig, asked)).id));
    }
  } finally {
    source.close();
  }
});
