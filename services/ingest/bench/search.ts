/** How many streams come whole: the largest number with no packet lost, found by trying. */
import type { ReceiverName } from "./receivers/receiver.ts";
import type { SearchResult } from "./result.ts";
import { type Measured, runCase } from "./run-case.ts";

/** Streams between two numbers that are told apart. */
const STEP = 5;
/** Where it ends though more would come. */
const MOST = 400;
const GROWTH = 1.25;
const MBPS = 5;
/** Senders that send less than this part of their rate are themselves the limit, and the try shows nothing of the receiver. */
const RATE_PART_MIN = 0.99;

/** Whether every packet of a stream at full rate came, and none had to come twice. */
export function isWhole({ sent, received }: Measured, streams: number, mbpsEach: number): boolean {
  const offered = (sent.pktSent * 1316 * 8) / sent.seconds / 1e6;
  return (
    received.pktLost === 0 &&
    received.pktDropped === 0 &&
    received.pktReceived >= sent.pktSent &&
    offered >= streams * mbpsEach * RATE_PART_MIN
  );
}

/**
 * Goes up in steps of a quarter until it fails, then halves the gap. A number fails when `tries` runs in turn failed: other
 * work on the machine can spoil a run, it cannot make one succeed.
 */
export async function search(
  { receiver, seconds, tries, from }: { receiver: ReceiverName; seconds: number; tries: number; from: number },
  say: (what: string) => void,
): Promise<SearchResult> {
  const done: SearchResult["tries"] = [];
  const carries = async (streams: number): Promise<boolean> => {
    for (let i = 0; i < tries; i += 1) {
      say(`search, ${receiver}: ${streams} streams, try ${i + 1}`);
      const measured = await runCase({ receiver, streams, mbpsEach: MBPS, pace: "even", seconds }).catch(
        () => undefined,
      );
      const whole = measured !== undefined && isWhole(measured, streams, MBPS);
      done.push({ streams, isWhole: whole });
      if (whole) {
        return true;
      }
    }
    return false;
  };
  const toStep = (streams: number) => Math.max(STEP, Math.round(streams / STEP) * STEP);
  let good = 0;
  let bad = MOST + STEP;
  for (let next = toStep(from); next > good && next < bad; ) {
    if (await carries(next)) {
      good = next;
    } else {
      bad = next;
    }
    next = bad > MOST ? Math.min(MOST, toStep(good * GROWTH)) : toStep((good + bad) / 2);
  }
  return { receiver, maxStreams: good, tries: done };
}
