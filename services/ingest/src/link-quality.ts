/** Sums of a stream's transport counters and its traffic light. Rule: docs/ref/ingest.md#traffic-light. Pure. */
import type { TrafficLight } from "@lanthorn/contract";
import { NOTHING, type TransportSample } from "./source.ts";

/** Samples that the light looks back on: one a second. */
const WINDOW = 10;

/** Sums over all connections of a stream; what TransportSample calls momentary is the newest. */
export type TransportTotals = TransportSample;

/** Takes one sample a second. */
export class LinkQuality {
  #totals: TransportTotals = NOTHING;
  #recent: readonly TransportSample[] = [];

  /** undefined: there is no connection now. */
  add(sample: TransportSample | undefined): void {
    if (sample === undefined) {
      this.#recent = [];
      this.#totals = { ...this.#totals, ...momentaryOf(NOTHING) };
      return;
    }
    this.#totals = { ...sum(this.#totals, sample), ...momentaryOf(sample) };
    this.#recent = [...this.#recent, sample].slice(-WINDOW);
  }

  /** Sums since the stream was first seen by this process. */
  totals(): TransportTotals {
    return this.#totals;
  }

  /** off without samples; else by the last ten seconds. */
  light(): TrafficLight {
    if (this.#recent.length === 0) {
      return "off";
    }
    const last = this.#recent.reduce(sum, NOTHING);
    // libsrt counts every gap in pktRcvLoss, also one that is filled a moment later because packets overtook each other.
    // What the network lost came once, because it was sent again, or not at all. What came twice was not lost.
    const twice = last.pktRecv - last.pktRecvUnique;
    const recovered = Math.min(Math.max(0, last.pktRcvRetrans - twice), last.pktRcvLoss);
    const expected = last.pktRecvUnique + last.pktRcvDrop;
    const lost01 = expected === 0 ? 0 : (recovered + last.pktRcvDrop) / expected;
    const retransmitted01 = last.pktRecv === 0 ? 0 : last.pktRcvRetrans / last.pktRecv;
    if (last.pktRcvDrop > 0 || last.pktRcvUndecrypt > 0 || lost01 > 0.05) {
      return "red";
    }
    return lost01 >= 0.01 || retransmitted01 > 0.1 ? "amber" : "green";
  }
}

function momentaryOf({ pktReorderDistance, msRcvTsbPdDelay, msRTT, mbpsRecvRate }: TransportSample) {
  return { pktReorderDistance, msRcvTsbPdDelay, msRTT, mbpsRecvRate };
}

function sum(a: TransportSample, b: TransportSample): TransportSample {
  return {
    ...NOTHING,
    pktRecv: a.pktRecv + b.pktRecv,
    pktRecvUnique: a.pktRecvUnique + b.pktRecvUnique,
    pktRcvLoss: a.pktRcvLoss + b.pktRcvLoss,
    pktRcvRetrans: a.pktRcvRetrans + b.pktRcvRetrans,
    pktRcvDrop: a.pktRcvDrop + b.pktRcvDrop,
    pktRcvBelated: a.pktRcvBelated + b.pktRcvBelated,
    pktRcvUndecrypt: a.pktRcvUndecrypt + b.pktRcvUndecrypt,
    pktSentNAK: a.pktSentNAK + b.pktSentNAK,
  };
}
