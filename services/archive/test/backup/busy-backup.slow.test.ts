/** The nightly copy on the busiest night: eight cameras record, events are written ten times a second, and the index is large. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { CameraId } from "@lanthorn/contract";
import { MAKE_BACKUP } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { putEvent } from "../support/made-events.ts";
import { MadeResults } from "../support/made-results.ts";

const CAMERAS = Array.from({ length: 8 }, (_, index) => CameraId.parse(`camera-${index}`));
const EVENTS_BEFORE = 200_000;
const WATCHDOG_MS = 120_000;

/** Events of long ago, so that there is something to copy. */
function fill(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true });
  const store = makeStore(openForWriting(stateDir));
  store.transaction(() => {
    for (let event = 0; event < EVENTS_BEFORE; event++) {
      putEvent(store, { camera: CAMERAS[event % CAMERAS.length] ?? "", startS: event * 10, zones: ["drive"] });
    }
  });
  store.database.close();
}

test("a backup ends while eight cameras record and events come ten times a second, and nothing is missed", async (context) => {
  await using rig = new ArchiveRig();
  fill(rig.stateDir);
  const results = CAMERAS.map((camera) => new MadeResults(rig.home.ringPrefix, camera));
  let told = 0;
  const stopTelling = systemClock.every(100, () => {
    const nowUs = systemClock.wallUs();
    results[told % results.length]?.event(randomUUID(), "end", nowUs - 1_000_000, nowUs);
    told += 1;
  });
  try {
    for (const camera of CAMERAS) {
      await rig.feed(camera);
    }
    await rig.start();
    const recorded = (seconds: number) =>
      waitUntil(
        `${seconds} s of each camera`,
        async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > seconds),
        WATCHDOG_MS,
      );
    await recorded(2);
    const [toldBefore, beganNs] = [told, systemClock.monoNs()];
    const report = await rig.ask(MAKE_BACKUP);
    const seconds = Number(systemClock.monoNs() - beganNs) / 1e9;
    const logBytes = statSync(`${rig.stateDir}/archive.db-wal`).size;
    const toldMeanwhile = told - toldBefore;
    await recorded(20);
    context.diagnostic(
      JSON.stringify({ bytes: report.bytes, seconds, toldMeanwhile, logBytes, commits: (await rig.status()).commits }),
    );
    assert.ok(report.events >= EVENTS_BEFORE);
    const copy = new Sqlite(report.file, { readonly: true });
    assert.equal(copy.pragma("integrity_check", { simple: true }), "ok");
    copy.close();
    for (const camera of CAMERAS) {
      assert.deepEqual((await rig.timeline(camera)).gaps, [], `${camera} lacks footage`);
    }
    stopTelling();
    const kept = () =>
      rig.status().then(() => {
        const database = new Sqlite(`${rig.stateDir}/archive.db`, { readonly: true });
        const { rows } = database.prepare("select count(*) as rows from event").get() as { rows: number };
        database.close();
        return rows;
      });
    await waitUntil("every event", async () => (await kept()) === EVENTS_BEFORE + told, WATCHDOG_MS);
    assert.deepEqual((await rig.check()).faults, []);
  } finally {
    stopTelling();
    for (const ring of results) {
      ring.close();
    }
  }
});
