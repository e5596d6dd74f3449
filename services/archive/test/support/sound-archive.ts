/**
 * What must be true of an archive after each fault of the crash matrix, whatever the fault was: every file plays, no camera lost more than two
 * seconds, `lanthorn check` is clean, and the service was up again within five seconds with nobody's help. Source: docs/design/archive.md#measured.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ArchiveRig, CHECK_MAIN } from "./archive-rig.ts";
import { PlayedFiles } from "./played-files.ts";
import { filesOf } from "./recording-on-disk.ts";

/** Promises of the design: docs/design/archive.md#objective. Seconds. */
export const LOSS_MAX_S = 2;
/** "Up unattended" after a fault has gone, seconds. */
export const UP_MAX_S = 5;

/** What a fault cost; seconds. */
export interface FaultCost {
  /** For words: "kill 7". */
  readonly fault: string;
  /** What each camera lost. */
  readonly lossS: ReadonlyMap<string, number>;
  /** From the end of the fault until the service was up; undefined: it was up all along. */
  readonly upS?: number;
  /** What else is not as promised, in words. */
  readonly wrong?: readonly string[];
}

/** What a series of faults cost, all of it judged. */
export interface SeriesSummary {
  readonly faults: number;
  readonly worstLossS: number;
  /** Of those where the service had to come up. */
  readonly worstUpS: number;
  readonly filesPlayed: number;
  /** Of `lanthorn check`, which was clean each time. */
  readonly checks: number;
}

/** What differs in ordinary tests, beside which anything may run. */
export interface SoundLimits {
  readonly lossMaxS?: number;
  readonly upMaxS?: number;
}

/** Judges an archive after each fault of a series. Owner: dispose of it. */
export class SoundArchive {
  readonly #rig: ArchiveRig;
  readonly #cameras: readonly string[];
  readonly #disks: readonly string[];
  readonly #files = new PlayedFiles();
  readonly #missingS = new Map<string, number>();
  #faults = 0;
  #checks = 0;
  #worstLossS = 0;
  #worstUpS = 0;

  /** `disks`: directories of further disks. */
  constructor(rig: ArchiveRig, cameras: readonly string[], disks: readonly string[] = []) {
    this.#rig = rig;
    this.#cameras = cameras;
    this.#disks = [rig.stateDir, ...disks];
  }

  /** Judges all four, then throws what is not as promised, all of it. The archive may be recording. */
  async judge({ fault, lossS, upS = 0, wrong: more = [] }: FaultCost, limits: SoundLimits = {}): Promise<void> {
    const { lossMaxS = LOSS_MAX_S, upMaxS = UP_MAX_S } = limits;
    this.#faults += 1;
    const wrong: string[] = [...more];
    assert.deepEqual([...lossS.keys()].toSorted(), [...this.#cameras].toSorted(), "the loss of each camera is known");
    for (const [camera, seconds] of lossS) {
      this.#worstLossS = Math.max(this.#worstLossS, seconds);
      if (!(seconds <= lossMaxS)) {
        wrong.push(`LOSS ${camera} lost ${seconds} s`);
      }
    }
    this.#worstUpS = Math.max(this.#worstUpS, upS);
    if (!(upS <= upMaxS)) {
      wrong.push(`UP the service was up after ${upS} s`);
    }
    wrong.push(...(await this.#notPlaying(true)), ...(await this.#notClean()));
    assert.deepEqual(wrong, [], `after ${fault}`);
  }

  /** Seconds that the timeline of each camera has come to lack since this was asked last, of all causes. For faults that the rings outlive: what is lost is told there. */
  async newGapsS(): Promise<Map<string, number>> {
    const news = new Map<string, number>();
    for (const camera of this.#cameras) {
      const { gaps } = await this.#rig.timeline(camera);
      const missingS = gaps.reduce((sum, { startWallUs, endWallUs }) => sum + (endWallUs - startWallUs) / 1e6, 0);
      news.set(camera, missingS - (this.#missingS.get(camera) ?? 0));
      this.#missingS.set(camera, missingS);
    }
    return news;
  }

  /** At the end of a series, with the archive stopped: each file plays as it lies there, and the program `lanthorn check` says so too. */
  async judgeAtRest(): Promise<void> {
    assert.deepEqual(await this.#notPlaying(false), []);
    const { stdout } = await promisify(execFile)(process.execPath, [CHECK_MAIN, "--state", this.#rig.stateDir]);
    assert.match(stdout, /^Checked [1-9]\d* segments .*\nClean: every invariant holds/m);
    this.#checks += 1;
  }

  /** So far. */
  get summary(): SeriesSummary {
    return {
      faults: this.#faults,
      worstLossS: rounded(this.#worstLossS),
      worstUpS: rounded(this.#worstUpS),
      filesPlayed: this.#files.count,
      checks: this.#checks,
    };
  }

  async #notPlaying(isBeingWritten: boolean): Promise<string[]> {
    const files = this.#disks.flatMap((disk) => this.#cameras.flatMap((camera) => filesOf(disk, camera)));
    const complaints = await this.#files.play(files, isBeingWritten);
    if (files.length < this.#cameras.length) {
      complaints.push(`there are only ${files.length} files`);
    }
    return complaints.map((complaint) => `PLAYS ${complaint}`);
  }

  async #notClean(): Promise<string[]> {
    const { counts, faults } = await this.#rig.check();
    this.#checks += 1;
    const wrong = faults.map(({ invariant, subject, detail }) => `CHECK ${invariant} ${subject}: ${detail}`);
    if (counts.cameras !== this.#cameras.length) {
      wrong.push(`CHECK it knows ${counts.cameras} cameras`);
    }
    return wrong;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Tells how a series goes on: a line to stderr, which test runners show at once. */
export function tellProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}
