import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { makeTemporaryHome } from "@lanthorn/testing";
import { Store } from "../src/store.ts";

function openStore(t: TestContext, maxMessages = 1000) {
  const home = makeTemporaryHome();
  const open = () => Store.open(home.stateDir("automation"), { maxMessages });
  let store = open();
  t.after(() => {
    store.close();
    home.remove();
  });
  return {
    store: () => store,
    reopen: () => {
      store.close();
      store = open();
    },
  };
}

const cursor = (captureMonoNs: bigint) => ({ bootId: "boot", captureMonoNs, phases: ["e:new"] });
const message = (n: number, expiresWallMs: number | null = null) => ({
  ...{ topic: "lanthorn/events", payload: `{"n":${n}}`, retain: false, qos: 1 as const, expiresWallMs },
});

test("events come out in the order they went in, also after the file was closed and opened again", (t) => {
  const { store, reopen } = openStore(t);
  store().enqueue("porch", cursor(1n), [message(1), message(2)], 10);
  reopen();
  store().enqueue("porch", cursor(2n), [message(3, 99)], 11);
  const rows = store().outboxHead(10);
  assert.deepEqual(
    rows.map(({ payload, createdWallMs, expiresWallMs }) => [payload, createdWallMs, expiresWallMs]),
    [
      ['{"n":1}', 10, null],
      ['{"n":2}', 10, null],
      ['{"n":3}', 11, 99],
    ],
  );
  store().outboxDone(rows[1]?.id ?? 0);
  assert.deepEqual(
    store()
      .outboxHead(10)
      .map(({ payload }) => payload),
    ['{"n":3}'],
  );
  assert.deepEqual(store().outboxState, { pending: 1, dropped: 0 });
});

test("a full outbox drops its oldest and counts them", (t) => {
  const { store } = openStore(t, 100);
  for (let n = 0; n < 130; n++) {
    store().enqueue("porch", cursor(BigInt(n)), [message(n)], n);
  }
  assert.equal(store().outboxHead(1)[0]?.payload, '{"n":30}');
  assert.deepEqual(store().outboxState, { pending: 100, dropped: 30 });
});

test("an id of a sent event is never used again", (t) => {
  const { store } = openStore(t);
  store().enqueue("porch", cursor(1n), [message(1)], 0);
  const id = store().outboxHead(1)[0]?.id ?? 0;
  store().outboxDone(id);
  store().enqueue("porch", cursor(2n), [message(2)], 0);
  assert.ok((store().outboxHead(1)[0]?.id ?? 0) > id);
});

test("the cursor moves with the events it stands for, and keeps 64 bits", (t) => {
  const { store, reopen } = openStore(t);
  assert.equal(store().cursor("porch"), undefined);
  const late = { bootId: "boot", captureMonoNs: 2n ** 62n + 1n, phases: ["e:new", "f:end"] };
  store().enqueue("porch", late, [message(1)], 0);
  reopen();
  assert.deepEqual(store().cursor("porch"), late);
  // Not JSON: the row is refused, and the cursor with it.
  assert.throws(() => store().enqueue("porch", cursor(1n), [{ ...message(2), payload: "{" }], 0));
  assert.deepEqual(store().cursor("porch"), late);
});

test("the appliance's id is made up once", (t) => {
  const { store, reopen } = openStore(t);
  const id = store().applianceId();
  assert.match(id, /^box_[0-9a-f]{8}$/);
  reopen();
  assert.equal(store().applianceId(), id);
});

test("retained topics and labels are remembered by camera and forgotten with it", (t) => {
  const { store } = openStore(t);
  store().rememberRetained("porch", "a");
  store().rememberRetained("porch", "b");
  store().rememberRetained("yard", "c");
  store().rememberRetained("yard", "c");
  assert.deepEqual(store().retainedCameras(), ["porch", "yard"]);
  assert.deepEqual(store().retainedTopics("porch"), ["a", "b"]);
  store().forgetRetained("a");
  store().forgetRetained("b");
  assert.deepEqual(store().retainedCameras(), ["yard"]);
  assert.equal(store().rememberLabel("porch", "person"), true);
  assert.equal(store().rememberLabel("porch", "person"), false);
  store().rememberLabel("porch", "car");
  assert.deepEqual(store().labels("porch"), ["car", "person"]);
  store().forgetCamera("porch");
  assert.deepEqual(store().labels("porch"), []);
});
