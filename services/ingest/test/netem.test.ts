import assert from "node:assert/strict";
import { test } from "node:test";
import { send } from "./over-bad-network.ts";

test("one packet of a hundred lost on a network of 20 ms: all are asked for again and come in time", async (t) => {
  const passage = { fromCamera: { delayMs: 20, lossPercent: 1 }, fromBox: { delayMs: 20 }, latencyMs: 200, seconds: 4 };
  const { sent, arrivedMs, ...came } = await send(passage);
  t.diagnostic(JSON.stringify({ pktSent: sent.pktSent, frames: arrivedMs.size, ...came }));
  assert.ok(came.pktRcvLoss > 0, "the network lost nothing: nothing was tested");
  assert.ok(came.pktRcvRetrans > 0);
  assert.ok(came.deliveredPercent >= 99.5, `${came.deliveredPercent} %`);
  assert.ok(came.msRTT >= 39, `round trip ${came.msRTT} ms`);
});

test("packets that overtake each other all come, few of them twice, and nothing is called lost", async (t) => {
  const passage = { fromCamera: { delayMs: 5, jitterMs: 4 }, fromBox: { delayMs: 5 }, latencyMs: 120, seconds: 4 };
  const { sent, arrivedMs, ...came } = await send(passage);
  t.diagnostic(JSON.stringify({ pktSent: sent.pktSent, frames: arrivedMs.size, ...came }));
  assert.ok(came.pktRcvLoss > 20, "the network kept the order: nothing was tested");
  assert.ok(came.pktRcvRetrans < came.pktRcvLoss, "every gap was asked for at once");
  assert.deepEqual([came.pktRcvDrop, came.deliveredPercent], [0, 100]);
  assert.notEqual(came.light, "red");
});
