import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Activity, CameraId } from "@lanthorn/contract";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./support/archive-rig.ts";
import { MadeResults } from "./support/made-results.ts";

interface EventBody {
  readonly id: string;
  readonly label: string;
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly topScore01: number;
  readonly zones: string[];
}
interface EventList {
  readonly events: EventBody[];
  readonly next: string | null;
}

const CAMERA = CameraId.parse("street");
const T0 = 1_790_000_000_000_000;

async function makeJpeg(rig: ArchiveRig, quality: number): Promise<Buffer> {
  const media = await makeTestMedia({ durationS: 1 });
  const file = join(rig.home.root, `picture-${quality}.jpg`);
  execFileSync("ffmpeg", [
    "-nostdin",
    "-v",
    "error",
    "-y",
    "-i",
    media,
    "-frames:v",
    "1",
    "-q:v",
    String(quality),
    file,
  ]);
  return readFileSync(file);
}

const eventOf = async (rig: ArchiveRig, id: string) =>
  await rig.get<EventBody>(`/events/${id}`).catch((error: { code: string }) => {
    assert.equal(error.code, "ARCHIVE_EVENT_UNKNOWN");
    return undefined;
  });

test("an event is kept through its phases, with the best of its scores and the newest of its pictures", async () => {
  await using rig = new ArchiveRig();
  rig.register(CAMERA);
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  await rig.start();
  const id = randomUUID();
  results.garbage();
  results.event(id, "new", T0, T0 + 100_000, { score01: 0.4 });
  await waitUntil("the event", () => eventOf(rig, id));
  const none = await rig.request(`/events/${id}/thumbnail`);
  assert.deepEqual([none.statusCode, none.body.length], [204, 0], "an event without a picture is no fault");
  const [first, second] = [await makeJpeg(rig, 20), await makeJpeg(rig, 4)];
  results.snapshot(id, first);
  await waitUntil("its picture", async () => (await rig.request(`/events/${id}/thumbnail`)).body.equals(first));
  results.event(id, "update", T0, T0 + 500_000, { score01: 0.9 });
  results.snapshot(id, second);
  results.event(id, "end", T0, T0 + 900_000, { score01: 0.2 });
  const ended = await waitUntil("its end", async () => {
    const event = await eventOf(rig, id);
    return event?.endWallUs === null ? undefined : event;
  });
  assert.deepEqual([ended.endWallUs, ended.topScore01, ended.zones], [T0 + 900_000, 0.9, ["drive"]]);
  const picture = await waitUntil("the better picture", async () => {
    const reply = await rig.request(`/events/${id}/thumbnail`);
    return reply.body.equals(second) ? reply : undefined;
  });
  assert.equal(picture.headers["content-type"], "image/jpeg");
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  assert.deepEqual([findings.counts.events, findings.counts.thumbnails], [1, 1]);
  assert.equal(
    (
      await rig.get<{ events: EventBody[] }>(
        `/cameras/${CAMERA}/timeline?fromUs=${T0 + 800_000}&toUs=${T0 + 2_000_000}`,
      )
    ).events.length,
    1,
  );
});

test("events that happened while the archive was down are taken from the ring, none twice, and one left open is closed where it was last seen", async () => {
  await using rig = new ArchiveRig();
  rig.register(CAMERA);
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  await rig.start();
  const [open, missed] = [randomUUID(), randomUUID()];
  results.event(open, "new", T0, T0 + 100_000);
  results.event(open, "update", T0, T0 + 700_000);
  await waitUntil("the event", () => eventOf(rig, open));
  await rig.archive.kill9();
  results.event(missed, "new", T0 + 1_000_000, T0 + 1_000_000);
  results.event(missed, "end", T0 + 1_000_000, T0 + 2_000_000);
  await rig.start();
  await waitUntil("what was missed", async () => (await eventOf(rig, missed))?.endWallUs === T0 + 2_000_000);
  assert.equal((await rig.get<EventList>("/events")).events.length, 2);
  assert.equal((await eventOf(rig, open))?.endWallUs, null, "inference lives: it still goes on");

  results.restart();
  await waitUntil("its assumed end", async () => (await eventOf(rig, open))?.endWallUs === T0 + 700_000);
  await rig.archive.kill9();
  results.close();
  await rig.start();
  assert.equal((await eventOf(rig, open))?.endWallUs, T0 + 700_000);
  assert.equal((await rig.get<EventList>("/events")).events.length, 2);
  assert.deepEqual((await rig.check()).faults, []);
});

test("events are listed newest first, filtered, and page by page without a hole or a repeat", async () => {
  await using rig = new ArchiveRig();
  rig.register(CAMERA);
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  await rig.start();
  const ids = Array.from({ length: 25 }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    const startUs = T0 + Math.floor(index / 2) * 1_000_000; // two of each start at once
    results.event(id, "new", startUs, startUs, { label: index % 5 === 0 ? "person" : "motion" });
    results.event(id, "end", startUs, startUs + 400_000, { label: index % 5 === 0 ? "person" : "motion" });
  }
  await waitUntil("all of them", async () => (await rig.get<EventList>("/events")).events.length === 25);
  const seen: string[] = [];
  let before = "";
  for (let pages = 0; pages < 10; pages++) {
    const { events, next } = await rig.get<EventList>(`/events?limit=7${before}`);
    seen.push(...events.map(({ id }) => id));
    if (next === null) {
      break;
    }
    before = `&before=${next}`;
  }
  assert.deepEqual(seen.toSorted(), ids.toSorted());
  assert.equal((await rig.get<EventList>("/events?label=person")).events.length, 5);
  assert.equal((await rig.get<EventList>("/events?camera=elsewhere")).events.length, 0);
  const span = await rig.get<EventList>(`/events?camera=${CAMERA}&fromUs=${T0 + 2_200_000}&toUs=${T0 + 4_000_000}`);
  assert.deepEqual(
    span.events.map(({ startWallUs }) => (startWallUs - T0) / 1e6),
    [3, 3, 2, 2],
  );
  writeFileSync(join(rig.home.root, "seen"), seen.join());

  const both = await rig.get<EventList>("/events?label=person&label=motion&zone=drive&minScore=0.5&text=dri");
  assert.equal(both.events.length, 25);
  assert.equal((await rig.get<EventList>("/events?zone=elsewhere")).events.length, 0);
  assert.equal((await rig.get<EventList>("/events?minScore=0.6")).events.length, 0);
  assert.equal((await rig.get<EventList>("/events?text=stre+person")).events.length, 5, "the camera's name counts");
  const day = `fromUs=${T0}&toUs=${T0 + 86_400_000_000}`;
  const activity = Activity.parse(await rig.get(`/activity?camera=${CAMERA}&${day}&by=group`));
  assert.deepEqual(activity.totals, { person: 5, other: 20 });
  assert.ok(activity.buckets.length <= 2, "thirteen seconds lie in one bucket or two");
  for (const wrong of [
    `/activity?${day}&bucketS=61`,
    `/activity?${day}&buckets=1`,
    "/events?text=*",
    "/events?minScore=2",
  ]) {
    const reply = await rig.request(wrong);
    assert.deepEqual([reply.statusCode, /ARCHIVE_QUERY_INVALID/.test(reply.body.toString())], [400, true], wrong);
  }
});
