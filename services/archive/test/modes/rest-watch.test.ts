import assert from "node:assert/strict";
import { test } from "node:test";
import type { GapCause } from "@lanthorn/contract";
import fc from "fast-check";
import type { RestCause } from "../../src/modes/recording-gate.ts";
import { type RestTurn, RestWatch } from "../../src/modes/rest-watch.ts";

const STARTED = { ns: 0n, wallUs: 1_000_000_000 };

const CAUSE_AWAY: GapCause = "camera-disconnected";

/** A stream without packets, looked at every quarter of a second; time is in seconds since STARTED. */
function scene(before?: GapCause) {
  const watch = new RestWatch(STARTED, before);
  const wallUsAt = (atS: number) => STARTED.wallUs + atS * 1e6;
  const nsAt = (atS: number) => BigInt(Math.round(atS * 1e9));
  const quiet = (fromS: number, toS: number, restCause?: RestCause) => {
    const turns: RestTurn[] = [];
    for (let atS = fromS; atS < toS; atS += 0.25) {
      const moment = { restCause, nowNs: nsAt(atS), nowWallUs: wallUsAt(atS), idleCause: () => CAUSE_AWAY };
      turns.push(...[watch.quiet(moment)].flatMap((turn) => turn ?? []));
    }
    return turns.map(({ cause, fromWallUs }) => [cause, (fromWallUs - STARTED.wallUs) / 1e6]);
  };
  return { watch, quiet, wanted: (atS: number) => watch.wanted(nsAt(atS), wallUsAt(atS)) };
}

test("a rest that ended stays the cause until the first recorded picture", () => {
  const { watch, quiet, wanted } = scene();
  assert.deepEqual(quiet(10, 60, "privacy"), [["privacy", 7]], "what was captured before may come late");
  assert.deepEqual(quiet(60, 70), [], "the camera is being connected");
  wanted(70); // packets, but no key frame yet
  assert.equal(watch.cause, "privacy");
  watch.recorded();
  assert.equal(watch.cause, undefined);
  assert.deepEqual(quiet(80, 200), [], "how a recording ends is told by the recorder");
});

test("a camera that does not come back after a rest is away since the rest ended, and not since a moment before", () => {
  const { quiet } = scene();
  quiet(10, 60, "not-scheduled");
  assert.deepEqual(quiet(60, 200), [["camera-disconnected", 60]]);
});

test("a rest that turns into another one does so at that instant", () => {
  const { quiet } = scene();
  quiet(10, 60, "privacy");
  assert.deepEqual(quiet(60, 90, "not-scheduled"), [["not-scheduled", 60]]);
});

test("a rest that ended while the service was down is one until it started, if nothing comes", () => {
  const { quiet } = scene("camera-disabled");
  assert.deepEqual(quiet(3, 100), [["camera-disconnected", 0]]);
  assert.deepEqual(scene("no-event").quiet(3, 100), [], "nothing happened as far as anybody knows");
  assert.deepEqual(scene("privacy").quiet(3, 100, "privacy"), [["privacy", 0]], "the recorder is to rest");
});

test("whatever rests follow each other: none ends before it did, and turns only go forward", () => {
  const anyRests = fc.array(
    fc.record({
      lastsS: fc.integer({ min: 1, max: 40 }),
      cause: fc.constantFrom<(RestCause | undefined)[]>("privacy", "not-scheduled", undefined),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(anyRests, (rests) => {
      const { quiet } = scene();
      let [atS, lastTurnS, restEndS] = [10, 0, 0];
      for (const { lastsS, cause } of rests) {
        for (const [, turnS] of quiet(atS, atS + lastsS, cause)) {
          assert.ok(Number(turnS) >= lastTurnS && Number(turnS) >= restEndS, JSON.stringify({ turnS, restEndS }));
          lastTurnS = Number(turnS);
        }
        atS += lastsS;
        restEndS = cause === undefined ? restEndS : atS;
      }
    }),
  );
});
