import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@lanthorn/testing";
import { abortedError, LanthornError, retry } from "../src/index.ts";

const refused = () => new LanthornError("unavailable", "REFUSED", "refused");
const forever = () => new AbortController().signal;

test("waits double from the first delay up to the longest, and success ends them", async () => {
  const clock = new FakeClock();
  const delays: number[] = [];
  let calls = 0;
  const done = retry(
    clock,
    forever(),
    () => {
      calls++;
      if (calls < 6) {
        throw refused();
      }
      return "connected";
    },
    { firstDelayMs: 100, maxDelayMs: 500, onFailure: (_error, _attempt, nextDelayMs) => delays.push(nextDelayMs) },
  );
  await clock.advance(100 + 200 + 400 + 500 + 500 - 1);
  assert.equal(calls, 5);
  await clock.advance(1);
  assert.equal(await done, "connected");
  assert.deepEqual(delays, [100, 200, 400, 500, 500]);
});

test("an error that is not worth another attempt comes out at once", async () => {
  let calls = 0;
  const attempt = () => {
    calls++;
    return Promise.reject(refused());
  };
  await assert.rejects(retry(new FakeClock(), forever(), attempt, { isRetryable: () => false }), { code: "REFUSED" });
  assert.equal(calls, 1);
});

test("aborting ends the wait between two attempts, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const done = retry(clock, stopping.signal, () => Promise.reject(refused()));
  await clock.advance(50);
  stopping.abort();
  await assert.rejects(done, { code: "ABORTED" });
  assert.equal(clock.waiting(), 0);
});

test("nothing is attempted when the signal was aborted before", async () => {
  const stopping = new AbortController();
  stopping.abort();
  let calls = 0;
  await assert.rejects(
    retry(new FakeClock(), stopping.signal, () => calls++),
    { code: "ABORTED" },
  );
  assert.equal(calls, 0);
});

test("an operation that was itself aborted is not repeated", async () => {
  let calls = 0;
  const attempt = () => {
    calls++;
    throw abortedError();
  };
  await assert.rejects(retry(new FakeClock(), forever(), attempt), { code: "ABORTED" });
  assert.equal(calls, 1);
});
