/** Sums of a camera's transport counters and its traffic light. Rule: docs/ref/ingest.md#traffic-light. Pure. */
import type { TrafficLight } from "@lanthorn/contract";
import type { TransportSample } from "./source.ts";

/** Samples that the light looks back on: one a second. */
const WINDOW = 10;

/** Sums over all connections of a camera; RTT and rate are the newest. */
export type TransportTotals = TransportSample;

const NOTHING: TransportSample = {
  pktRecv: 0,
  pktRcvLoss: 0,
  pktRcvRetrans: 0,
  pktRcvDrop: 0,
  pktRcvBelated: 0,
  pktRcvUndecrypt: 0,
  msRTT: 0,
  mbpsRecvRate: 0,
};

/** Takes one sample a second. */
export class LinkQuality {
  #totals: TransportTotals = NOTHING;
  #recent: readonly TransportSample[] = [];

  /** undefined: there is no connection now. */
  add(sample: TransportSample | undefined): void {
    if (sample === undefined) {
      this.#recent = [];
      this.#totals = { ...this.#totals, msRTT: 0, mbpsRecvRate: 0 };
      return;
    }
    this.#totals = { ...sum(this.#totals, sample), msRTT: sample.msRTT, mbpsRecvRate: sample.mbpsRecvRate };
    this.#recent = [...this.#recent, sample].slice(-WINDOW);
  }

  /** Sums since the camera was first seen by this process. */
  totals(): TransportTotals {
    return this.#totals;
  }

  /** off without samples; else by the last ten seconds. */
  light(): TrafficLight {
    if (this.#recent.length === 0) {
      return "off";
    }
    const last = this.#recent.reduce(sum, NOTHING);
    const expected = last.pktRecv + last.pktRcvLoss;
    const loss01 = expected === 0 ? 0 : last.pktRcvLoss / expected;
    const retransmitted01 = last.pktRecv === 0 ? 0 : last.pktRcvRetrans / last.pktRecv;
    if (last.pktRcvDrop > 0 || last.pktRcvUndecrypt > 0 || loss01 > 0.05) {
      return "red";
    }
    return loss01 >= 0.01 || retransmitted01 > 0.1 ? "amber" : "green";
  }
}

function sum(a: TransportSample, b: TransportSample): TransportSample {
  return {
    pktRecv: a.pktRecv + b.pktRecv,
    pktRcvLoss: a.pktRcvLoss + b.pktRcvLoss,
    pktRcvRetrans: a.pktRcvRetrans + b.pktRcvRetrans,
    pktRcvDrop: a.pktRcvDrop + b.pktRcvDrop,
    pktRcvBelated: a.pktRcvBelated + b.pktRcvBelated,
    pktRcvUndecrypt: a.pktRcvUndecrypt + b.pktRcvUndecrypt,
    msRTT: 0,
    mbpsRecvRate: 0,
  };
}
