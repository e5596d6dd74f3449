import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkQuality } from "../src/link-quality.ts";
import type { TransportSample } from "../src/source.ts";

const GOOD: TransportSample = {
  pktRecv: 1000,
  pktRecvUnique: 1000,
  pktRcvLoss: 0,
  pktRcvRetrans: 0,
  pktRcvDrop: 0,
  pktRcvBelated: 0,
  pktRcvUndecrypt: 0,
  pktSentNAK: 0,
  pktReorderDistance: 3,
  msRcvTsbPdDelay: 120,
  msRTT: 2,
  mbpsRecvRate: 5,
};

function lightAfter(...samples: Partial<TransportSample>[]): string {
  const quality = new LinkQuality();
  for (const sample of samples) {
    quality.add({ ...GOOD, pktRecvUnique: sample.pktRecv ?? GOOD.pktRecv, ...sample });
  }
  return quality.light();
}

test("the light is green below one percent loss without drops", () => {
  assert.equal(lightAfter({}), "green");
  assert.equal(lightAfter({ pktRcvLoss: 9, pktRcvRetrans: 9 }), "green");
});

test("the light is amber from one to five percent loss, or above ten percent retransmissions", () => {
  assert.equal(lightAfter({ pktRcvLoss: 10, pktRcvRetrans: 10 }), "amber");
  assert.equal(lightAfter({ pktRecv: 1101, pktRecvUnique: 1000, pktRcvRetrans: 112 }), "amber");
  assert.equal(lightAfter({ pktRecv: 1100, pktRecvUnique: 1000, pktRcvRetrans: 110 }), "green");
});

test("the light is red with undecryptable packets, above five percent loss, and for ten seconds after a drop", () => {
  assert.equal(lightAfter({ pktRcvUndecrypt: 1 }), "red");
  assert.equal(lightAfter({ pktRcvLoss: 60, pktRcvRetrans: 60 }), "red");
  const nine = Array.from({ length: 9 }, () => ({}));
  assert.equal(lightAfter({ pktRcvDrop: 1 }, ...nine), "red");
  assert.equal(lightAfter({ pktRcvDrop: 1 }, ...nine, {}), "green");
});

test("packets that overtook each other are not lost, whether or not they were also sent again", () => {
  assert.equal(lightAfter({ pktRcvLoss: 500 }), "green");
  const twice = { pktRecv: 1080, pktRecvUnique: 1000, pktRcvLoss: 500, pktRcvRetrans: 80 };
  assert.equal(lightAfter(twice), "green"); // each of the 80 came by itself too
  assert.equal(lightAfter({ ...twice, pktRecv: 1060 }), "amber"); // 20 came only because they were sent again
  assert.equal(lightAfter({ ...twice, pktRcvDrop: 1 }), "red");
});

test("without a connection the light is off, rate and round trip are zero, and the sums stay", () => {
  const quality = new LinkQuality();
  assert.equal(quality.light(), "off");
  quality.add({ ...GOOD, pktRcvDrop: 3 });
  quality.add(GOOD);
  assert.deepEqual(quality.totals(), { ...GOOD, pktRecv: 2000, pktRecvUnique: 2000, pktRcvDrop: 3 });
  quality.add(undefined);
  const gone = { pktReorderDistance: 0, msRcvTsbPdDelay: 0, msRTT: 0, mbpsRecvRate: 0 };
  assert.equal(quality.light(), "off");
  assert.deepEqual(quality.totals(), { ...GOOD, pktRecv: 2000, pktRecvUnique: 2000, pktRcvDrop: 3, ...gone });
  quality.add(GOOD);
  assert.equal(quality.light(), "green"); // a new connection is not blamed for the old one's drops
});
