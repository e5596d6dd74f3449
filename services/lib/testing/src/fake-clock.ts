/** A clock that stands still until a test moves it. */
import { abortedError, type Clock, type MonoNs, monoNs, type WallUs, wallUs } from "@lanthorn/base";

interface Timer {
  atNs: bigint;
  readonly fire: () => void;
}

/** 2026-01-01T00:00:00Z, where every FakeClock begins unless told otherwise. */
const START_WALL_US = 1_767_225_600_000_000;

/** One microtask turn is not enough for chains of awaits, and streams need the event loop: this many turns of it are. */
const SETTLE_TURNS = 4;

/** Clock for tests: sleep and every fire only inside advance(), in the order of their due times. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowNs = 1_000_000_000n;
  #wallOffsetUs: number;

  constructor(startWallUs: number = START_WALL_US) {
    this.#wallOffsetUs = startWallUs - Number(this.#nowNs / 1000n);
  }

  monoNs(): MonoNs {
    return monoNs(this.#nowNs);
  }

  wallUs(): WallUs {
    return wallUs(Number(this.#nowNs / 1000n) + this.#wallOffsetUs);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortedError());
        return;
      }
      const onAbort = () => {
        this.#timers.delete(timer);
        reject(abortedError());
      };
      const timer = this.#after(durationMs, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  every(periodMs: number, callback: () => void | Promise<void>): () => void {
    let busy = false;
    let timer: Timer | undefined;
    const arm = () => {
      timer = this.#after(periodMs, () => {
        arm();
        if (!busy) {
          const result = callback();
          if (result !== undefined) {
            busy = true;
            void result.finally(() => {
              busy = false;
            });
          }
        }
      });
    };
    arm();
    return () => {
      if (timer !== undefined) {
        this.#timers.delete(timer);
      }
    };
  }

  /** Moves time forward, firing what falls due on the way; between two firings everything that waits for a promise runs. */
  async advance(durationMs: number): Promise<void> {
    const targetNs = this.#nowNs + nanoseconds(durationMs);
    await settle();
    for (let next = this.#earliest(targetNs); next !== undefined; next = this.#earliest(targetNs)) {
      this.#timers.delete(next);
      this.#nowNs = next.atNs;
      next.fire();
      await settle();
    }
    this.#nowNs = targetNs;
  }

  /** Steps the wall clock alone, as NTP or a person does. */
  stepWall(byUs: number): void {
    this.#wallOffsetUs += byUs;
  }

  /** How many sleeps and periods wait: none after an orderly stop. */
  waiting(): number {
    return this.#timers.size;
  }

  #after(durationMs: number, fire: () => void): Timer {
    const timer = { atNs: this.#nowNs + nanoseconds(durationMs), fire };
    this.#timers.add(timer);
    return timer;
  }

  #earliest(untilNs: bigint): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atNs <= untilNs && (earliest === undefined || timer.atNs < earliest.atNs)) {
        earliest = timer;
      }
    }
    return earliest;
  }
}

function nanoseconds(durationMs: number): bigint {
  return BigInt(Math.round(durationMs * 1e6));
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
