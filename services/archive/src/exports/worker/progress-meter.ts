/** Adds up the steps of a job into one number from 0 to 1. Each step counts as much as it is expected to take. */

/** How long steps take, in comparison. */
export const STEP_WEIGHTS = { scan: 1, copy: 2, burn: 60 } as const;

/** Progress of a job whose steps are announced beforehand. */
export class ProgressMeter {
  readonly #report: (progress01: number) => void;
  #totalWork = 0;
  #doneWork = 0;
  #shown01 = 0;

  constructor(report: (progress01: number) => void) {
    this.#report = report;
  }

  /** Announces work, in any unit that is added up by `done`. */
  expect(work: number): void {
    this.#totalWork += work;
  }

  /** Some work was done. Reports each hundredth once; never goes back. */
  done(work: number): void {
    this.#doneWork += work;
    const progress01 = this.#totalWork <= 0 ? 0 : Math.min(0.999, this.#doneWork / this.#totalWork);
    if (progress01 >= this.#shown01 + 0.005) {
      this.#shown01 = progress01;
      this.#report(progress01);
    }
  }

  /** As last reported. */
  get progress01(): number {
    return this.#shown01;
  }
}
