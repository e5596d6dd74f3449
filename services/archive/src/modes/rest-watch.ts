/**
 * Tells why nothing is recorded while packets stay away: a private camera sends none, so that the clock must say it. Pure.
 * A rest that ended is the cause of its gap until the first recorded picture: a camera needs a while to be connected and to send a key frame.
 * Source: docs/design/archive.md#modes. Tested: test/modes/rest-watch.test.ts.
 */
import type { GapCause } from "@lanthorn/contract";
import { CAUSES_OF_REST } from "../gap-causes.ts";
import type { RestCause } from "./recording-gate.ts";

/** A camera that sends nothing for so long after it is wanted again is not connected, and was not since then. */
const AWAITED_NS = 15_000_000_000n;
/** What was captured before a rest may arrive this much later. */
const LATE_US = 3_000_000;

/** From an instant on, this is why nothing is recorded. */
export interface RestTurn {
  readonly cause: GapCause;
  readonly fromWallUs: number;
}

/** The state of a quiet stream at an instant. */
export interface QuietMoment {
  /** Why nothing is wanted now, if nothing is. */
  readonly restCause: RestCause | undefined;
  readonly nowNs: bigint;
  readonly nowWallUs: number;
  /** Why packets stay away if not for a rest. */
  readonly idleCause: () => GapCause;
}

/** Follows the rests of one stream. Owner: StreamFollower. */
export class RestWatch {
  #cause: GapCause | undefined;
  /** Since when it is wanted again, while nothing is recorded yet. */
  #ended: { readonly ns: bigint; readonly wallUs: number } | undefined;

  /** before: the cause of the gap that goes on when following starts, whatever it is. */
  constructor(started: { readonly ns: bigint; readonly wallUs: number }, before: GapCause | undefined) {
    if (before !== undefined && before !== "no-event" && CAUSES_OF_REST.has(before)) {
      this.#cause = before;
      this.#ended = started; // at the latest: nobody knows more
    }
  }

  /** Why nothing is recorded, until something is. */
  get cause(): GapCause | undefined {
    return this.#cause;
  }

  /** Nothing is wanted of a packet; true when that is new. */
  begin(cause: RestCause): boolean {
    const isNew = this.#cause !== cause || this.#ended !== undefined;
    this.#cause = cause;
    this.#ended = undefined;
    return isNew;
  }

  /** A packet is wanted. */
  wanted(nowNs: bigint, wallUs: number): void {
    if (this.#cause !== undefined) {
      this.#ended ??= { ns: nowNs, wallUs };
    }
  }

  /** Something is recorded. */
  recorded(): void {
    this.#cause = undefined;
    this.#ended = undefined;
  }

  /** Packets stay away: what the recorder has to be told, if anything. */
  quiet({ restCause, nowNs, nowWallUs, idleCause }: QuietMoment): RestTurn | undefined {
    if (restCause !== undefined) {
      const fromWallUs = this.#cause === undefined ? nowWallUs - LATE_US : (this.#ended?.wallUs ?? nowWallUs);
      return this.begin(restCause) ? { cause: restCause, fromWallUs } : undefined;
    }
    if (this.#cause === undefined || this.#cause === "no-event") {
      return undefined; // an open segment is ended by the recorder itself
    }
    this.wanted(nowNs, nowWallUs);
    const ended = this.#ended;
    if (ended === undefined || nowNs - ended.ns <= AWAITED_NS) {
      return undefined;
    }
    this.recorded();
    return { cause: idleCause(), fromWallUs: ended.wallUs };
  }
}
