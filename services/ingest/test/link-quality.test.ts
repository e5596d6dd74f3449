import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkQuality } from "../src/link-quality.ts";
import type { TransportSample } from "../src/source.ts";

const GOOD: TransportSample = {
  pktRecv: 1000,
  pktRcvLoss: 0,
  pktRcvRetrans: 0,
  pktRcvDrop: 0,
  pktRcvBelated: 0,
  pktRcvUndecrypt: 0,
  msRTT: 2,
  mbpsRecvRate: 5,
};

function lightAfter(...samples: Partial<TransportSample>[]): string {
  const quality = new LinkQuality();
  for (const sample of samples) {
    quality.add({ ...GOOD, ...sample });
  }
  return quality.light();
}

test("the light is green below one percent loss without drops", () => {
  assert.equal(lightAfter({}), "green");
  assert.equal(lightAfter({ pktRcvLoss: 9, pktRcvRetrans: 9 }), "green");
});

test("the light is amber from one to five percent loss, or above ten percent retransmissions", () => {
  assert.equal(lightAfter({ pktRecv: 990, pktRcvLoss: 10 }), "amber");
  assert.equal(lightAfter({ pktRcvRetrans: 101 }), "amber");
  assert.equal(lightAfter({ pktRcvRetrans: 100 }), "green");
});

test("the light is red with undecryptable packets, above five percent loss, and for ten seconds after a drop", () => {
  assert.equal(lightAfter({ pktRcvUndecrypt: 1 }), "red");
  assert.equal(lightAfter({ pktRecv: 940, pktRcvLoss: 60 }), "red");
  const nine = Array.from({ length: 9 }, () => ({}));
  assert.equal(lightAfter({ pktRcvDrop: 1 }, ...nine), "red");
  assert.equal(lightAfter({ pktRcvDrop: 1 }, ...nine, {}), "green");
});

test("without a connection the light is off, rate and round trip are zero, and the sums stay", () => {
  const quality = new LinkQuality();
  assert.equal(quality.light(), "off");
  quality.add({ ...GOOD, pktRcvDrop: 3 });
  quality.add(GOOD);
  assert.deepEqual(quality.totals(), { ...GOOD, pktRecv: 2000, pktRcvDrop: 3 });
  quality.add(undefined);
  assert.equal(quality.light(), "off");
  assert.deepEqual(quality.totals(), { ...GOOD, pktRecv: 2000, pktRcvDrop: 3, msRTT: 0, mbpsRecvRate: 0 });
  quality.add(GOOD);
  assert.equal(quality.light(), "green"); // a new connection is not blamed for the old one's drops
});
