import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Clip, ClipList, Retention } from "@lanthorn/contract";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./support/archive-rig.ts";

const MAX_BYTES = 1_500_000;

test("the quota is kept by deleting the oldest recordings, and what is left agrees with its rows", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.feed("quiet");
  await rig.start({ arguments: ["--set", `retention.maxBytes=${MAX_BYTES}`] });
  const disk = async () => (await rig.status()).disk as { deletedSegments: number; usedBytes: number };
  await waitUntil("three deleted segments", async () => (await disk()).deletedSegments >= 3, 60_000);
  const { segments } = await rig.ask(LIST_SEGMENTS);
  const keptBytes = segments.reduce((sum, { fileBytes }) => sum + (fileBytes ?? 0), 0);
  assert.ok(keptBytes <= MAX_BYTES, `${keptBytes} bytes are kept`);
  const oldest = Math.min(...segments.map(({ id }) => id));
  assert.ok(oldest > 2, "the oldest went first");
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  const files = readdirSync(join(rig.stateDir, "recordings"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".mp4"),
  );
  assert.ok(files.length <= segments.length);
  for (const camera of ["street", "quiet"]) {
    assert.deepEqual((await rig.timeline(camera)).gaps, [], "what was deleted is no gap");
  }
});

test("a clip keeps its footage through retention, the hole behind it is a gap, and without the clip it goes too", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start({ arguments: ["--set", `retention.maxBytes=${2 * MAX_BYTES}`] });
  await waitUntil("a recording", async () => (await rig.recordedS("street")) > 2, 60_000);
  const [first] = (await rig.timeline("street")).segments;
  const fromUs = first?.startWallUs ?? 0;
  const wrong = await rig.send("POST", "/clips", { name: "", cameras: [], fromUs: 2, toUs: 1, more: true });
  assert.equal(wrong.statusCode, 400);
  for (const fault of ["name", "cameras", "toUs", "more"]) {
    assert.match(wrong.body.toString("utf8"), new RegExp(fault));
  }
  const made = await rig.send("POST", "/clips", { name: "the cat", cameras: ["street"], fromUs, toUs: fromUs + 1e6 });
  assert.equal(made.statusCode, 201);
  const clip = Clip.parse(JSON.parse(made.body.toString("utf8")));
  const deleted = async () => ((await rig.status()).disk as { deletedSegments: number }).deletedSegments;
  await waitUntil("three deleted segments", async () => (await deleted()) >= 3, 90_000);
  const kept = await rig.timeline("street");
  assert.equal(kept.segments[0]?.startWallUs, fromUs, "the clip's segment is there");
  const hole = kept.gaps.filter(({ cause }) => cause === "expired");
  assert.deepEqual(
    hole.map(({ startWallUs, endWallUs }) => [startWallUs, endWallUs]),
    [[kept.segments[0]?.endWallUs, kept.segments[1]?.startWallUs]],
    "one gap, however often something was deleted",
  );
  const { clips } = ClipList.parse(await rig.get("/clips"));
  assert.deepEqual(
    clips.map(({ id, segments }) => [id, segments]),
    [[clip.id, 1]],
  );
  assert.ok((clips[0]?.bytes ?? 0) > 0);
  assert.equal(((await rig.status()).cameras[0]?.gapS ?? 1) < 1, true, "what was deleted does not count as missing");
  assert.deepEqual((await rig.check()).faults, []);
  const report = Retention.parse(await rig.get("/retention"));
  assert.equal(report.cameras[0]?.camera, "street");
  assert.ok((report.cameras[0]?.bytesPerDay ?? 0) > 0);
  assert.equal(report.cameras[0]?.limitedBy, "room");
  rig.configure("street", { retention: { minDays: 0.00001 } });
  const follows = async () => Retention.parse(await rig.get("/retention")).cameras[0]?.minDays === 0.00001;
  await waitUntil("the report to follow what was set, before its minute is over", follows, 50_000);
  assert.equal((await rig.send("DELETE", `/clips/${clip.id}`)).statusCode, 204);
  const again = await rig.send("DELETE", `/clips/${clip.id}`);
  assert.match(again.body.toString("utf8"), /ARCHIVE_CLIP_UNKNOWN/);
  const goes = async () => (await rig.timeline("street")).segments[0]?.startWallUs !== fromUs;
  await waitUntil("the clip's segment to go", goes, 90_000);
  assert.deepEqual((await rig.check()).faults, []);
});

test("a guarantee that cannot be met is broken loudly, and the recording goes on", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.feed("quiet");
  rig.configure("street", { retention: { minDays: 30 } });
  rig.configure("quiet", { retention: { minDays: 30, maxBytes: 300_000, maxDays: 30 } });
  await rig.start({ arguments: ["--set", `retention.maxBytes=${MAX_BYTES}`] });
  const rules = async () => ((await rig.status()).disk as { deletedByRule: Record<string, number> }).deletedByRule;
  await waitUntil("a broken guarantee", async () => ((await rules())["guarantee-broken"] ?? 0) > 0, 90_000);
  const health = await rig.request("/health");
  assert.equal(health.statusCode, 503);
  assert.match(health.body.toString("utf8"), /too little room for what is guaranteed: recordings of .*street/);
  const before = await rig.recordedS("street");
  await waitUntil("more of it", async () => (await rig.recordedS("street")) > before + 2, 90_000);
  const metrics = (await rig.request("/metrics")).body.toString("utf8");
  assert.match(metrics, /lanthorn_archive_deleted_segments\{[^}]*rule="guarantee-broken"[^}]*\} [1-9]/);
  assert.match(metrics, /lanthorn_archive_used_bytes\{[^}]*category="recordings"[^}]*\} [1-9]/);
  assert.match(metrics, /lanthorn_archive_disks_missing(\{[^}]*\})? 0/);
  assert.deepEqual((await rig.check()).faults, []);
});
