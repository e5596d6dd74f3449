import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { checkSummaries } from "../../src/check/check-summaries.ts";
import { Findings } from "../../src/check/findings.ts";
import { migrate } from "../../src/store/migrations.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { putEvent, putSegment } from "../support/made-events.ts";
import { START_US } from "../support/made-packets.ts";

function emptyStore(): Store {
  const database = new Sqlite(":memory:");
  database.pragma("foreign_keys = on");
  migrate(database);
  return makeStore(database);
}

function faultsOf({ database }: Store): string[] {
  const findings = new Findings();
  checkSummaries(database, findings);
  return findings.faults.map(({ invariant }) => invariant);
}

const step = fc.oneof(
  fc.record({
    do: fc.constant("put" as const),
    event: fc.nat(8),
    label: fc.constantFrom("person", "car"),
    zones: fc.subarray(["a b", "c"]),
  }),
  fc.record({ do: fc.constant("prune" as const), beforeS: fc.nat(4000) }),
  fc.record({ do: fc.constant("segment" as const), startS: fc.nat(8000), lastsS: fc.integer({ min: 1, max: 3600 }) }),
  fc.record({ do: fc.constant("delete" as const), segment: fc.nat(5) }),
);

test("whatever is written, changed and deleted, the summaries say what the rows say", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const store = emptyStore();
      const segments: number[] = [];
      for (const one of steps) {
        if (one.do === "put") {
          const { event, label, zones } = one;
          const camera = event % 2 === 0 ? "street" : "porch";
          putEvent(store, { id: `event-${event}`, camera, label, zones, startS: event * 400, lastsS: null });
        } else if (one.do === "prune") {
          store.events.endAll(null);
          store.events.prune(1, START_US + one.beforeS * 1e6);
        } else if (one.do === "segment") {
          segments.push(putSegment(store, "street", one.startS, one.startS + one.lastsS));
        } else {
          for (const id of segments.splice(one.segment, 1)) {
            store.segments.markDeleting(id);
            store.segments.remove(id);
          }
        }
        assert.deepEqual(faultsOf(store), []);
      }
      store.database.close();
    }),
    { numRuns: 60 },
  );
});

test("lanthorn check sees a summary that does not say what the rows say", () => {
  const wrongs = {
    S1: ["update activity set events = events + 1 where width_s = 900", "delete from activity where camera_id = 0"],
    S2: [
      "update coverage set recorded_us = recorded_us - 1",
      "delete from coverage",
      "insert into coverage values (1, 7, 7)",
    ],
    S3: ["delete from event_zone", "insert into event_zone values ('elsewhere', 7)"],
    S4: ["delete from event_text", "insert into event_text (rowid, label) values (7, 'car')"],
  };
  for (const [invariant, statements] of Object.entries(wrongs)) {
    for (const statement of statements) {
      const store = emptyStore();
      putEvent(store, { zones: ["drive"] });
      putSegment(store, "street", 0, 1000);
      assert.deepEqual(faultsOf(store), []);
      store.database.exec(statement);
      assert.deepEqual([...new Set(faultsOf(store))], [invariant], statement);
    }
  }
  const store = emptyStore();
  putEvent(store);
  store.database.exec(
    "update event set start_wall_us = start_wall_us + 5000, end_wall_us = null, last_wall_us = start_wall_us + 5000",
  );
  assert.deepEqual(faultsOf(store), ["S5"]);
});
