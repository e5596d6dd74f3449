/**
 * Makes room: plans and deletes, batch by batch, until nothing is wanted or nothing is left. Decides nothing itself: retention-rules.ts.
 * Source: docs/design/archive.md#retention.
 */
import type { Clock, Log } from "@lanthorn/base";
import type { Store } from "../store/store.ts";
import { deleteFiles, settleDeleted } from "./deletion.ts";
import type { FrontSegment } from "./event-footage.ts";
import type { RetentionPlanner } from "./retention-planner.ts";
import { RETENTION_RULES, type RetentionRule, type Victim } from "./retention-rules.ts";

/** Bytes to be deleted. */
export interface WantedRoom {
  readonly diskBytes: ReadonlyMap<number, number>;
  readonly anywhereBytes: number;
}

/** What a maker needs. */
export interface RoomMakerOptions {
  readonly stateDir: string;
  readonly store: Store;
  readonly planner: RetentionPlanner;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanted: () => WantedRoom;
  /** Files on a disk are about to go. The function that is returned is called when they are gone, with their bytes; it looks at the disk. */
  readonly deleting: (disk: number) => (freedBytes: number) => Promise<void>;
}

/** Batches of one making of room; more is left for the next. */
const BATCHES = 2000;
/** Segments of one batch: whoever waits for room is not to wait for more. */
const BATCH = 64;
/** Where nothing was left to delete, or nothing could be, it is not tried again for so long. */
const PAUSE_NS = 1_000_000_000n;
/** A guarantee that was broken is told for so long after the last time. */
const TOLD_NS = 3_600_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;

/** Makes room. Owner: DiskKeeper. */
export class RoomMaker {
  readonly #options: RoomMakerOptions;
  #making: Promise<void> | undefined;
  #waiting: ((isMore: boolean) => void)[] = [];
  #asks = 0;
  #gone: FrontSegment[] = [];
  #settling: Promise<void> | undefined;
  /** Nothing was left for these needs, until then. */
  #nothingLeft = { of: "", untilNs: 0n };
  #brokenUntilNs: bigint | undefined;
  #brokenOf = "";
  #untold = new Map<RetentionRule, number>();
  /** Segments deleted since start, by the rule that said so. */
  readonly deletedByRule = new Map<RetentionRule, number>(RETENTION_RULES.map((rule) => [rule, 0]));

  constructor(options: RoomMakerOptions) {
    this.#options = options;
  }

  /** Cameras whose guarantee was broken within the last hour; undefined: none. */
  get broken(): string | undefined {
    const isTold = this.#brokenUntilNs !== undefined && this.#options.clock.monoNs() < this.#brokenUntilNs;
    return isTold ? this.#brokenOf : undefined;
  }

  /** Deletes what rules and limits say, until there is room or nothing is left; one run at a time, others wait for it. */
  async make(): Promise<void> {
    if (this.#making === undefined && !this.#isPaused()) {
      this.#making = this.#run();
    }
    await this.#making;
  }

  /** Deletes, and resolves as soon as the next batch is gone. false: there was none. */
  nextBatch(): Promise<boolean> {
    if (this.#making === undefined && this.#isPaused()) {
      return Promise.resolve(false);
    }
    this.#asks += 1;
    const batch = new Promise<boolean>((resolve) => this.#waiting.push(resolve));
    void this.make();
    return batch;
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    await this.#making;
    await this.#settling;
    this.tell();
  }

  /** Logs what was deleted since it was last told. */
  tell(): void {
    if (this.#untold.size > 0) {
      this.#options.log.info(Object.fromEntries(this.#untold), "deleted recordings");
      this.#untold = new Map();
    }
  }

  /** Whether nothing was left a moment ago for just what is wanted now. */
  #isPaused(): boolean {
    const { of, untilNs } = this.#nothingLeft;
    return this.#options.clock.monoNs() < untilNs && of === needOf(this.#options.wanted());
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // `#making` is set before anything below can end
    try {
      for (let batch = 0; batch < BATCHES; batch++) {
        const outcome = await this.#batch();
        if (outcome === "done") {
          break;
        }
        if (outcome === "deleted") {
          this.#wake(true);
        }
      }
    } catch (error) {
      this.#options.log.error({ err: error }, "cannot delete old recordings");
      this.#pause(this.#options.wanted());
    } finally {
      this.#making = undefined;
      this.#wake(false);
    }
  }

  /** One batch. again: there is more to look at, or somebody asked while it was planned. done: nothing is wanted, or nothing is left. */
  async #batch(): Promise<"deleted" | "again" | "done"> {
    const { clock, planner, wanted } = this.#options;
    const asks = this.#asks;
    const want = wanted();
    const era = String(clock.monoNs() / HOUR_NS);
    const { victims, isMore } = await planner.plan({ nowUs: clock.wallUs(), era, ...want });
    if (victims.length > 0) {
      await this.#delete(victims.slice(0, BATCH));
      return "deleted";
    }
    if (isMore || asks !== this.#asks) {
      return "again";
    }
    if (want.diskBytes.size > 0 || want.anywhereBytes > 0) {
      this.#pause(want);
    }
    return "done";
  }

  async #delete(victims: readonly Victim<FrontSegment>[]): Promise<void> {
    const segments = victims.map(({ segment }) => segment);
    const ends = new Map([...new Set(segments.map(({ disk }) => disk))].map((id) => [id, this.#options.deleting(id)]));
    let gone: readonly FrontSegment[] = [];
    try {
      const deleted = await deleteFiles(this.#options, segments);
      gone = deleted.gone;
      this.#gone.push(...gone);
      this.#count(victims);
      if (deleted.faults.length > 0) {
        throw deleted.faults[0];
      }
    } finally {
      for (const [disk, end] of ends) {
        await end(gone.reduce((sum, segment) => sum + (segment.disk === disk ? segment.fileBytes : 0), 0));
      }
      this.#settling ??= this.#settle();
    }
  }

  /** Ends deletions while the next batch may be under way already: nobody waits for it. */
  async #settle(): Promise<void> {
    while (this.#gone.length > 0) {
      const gone = this.#gone;
      this.#gone = [];
      try {
        await settleDeleted(this.#options, gone);
      } catch (error) {
        this.#options.log.error({ err: error }, "cannot end a deletion; the next start will");
      }
    }
    this.#settling = undefined;
  }

  #pause(want: WantedRoom): void {
    this.#nothingLeft = { of: needOf(want), untilNs: this.#options.clock.monoNs() + PAUSE_NS };
  }

  #wake(isMore: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) {
      resolve(isMore);
    }
  }

  #count(victims: readonly Victim<FrontSegment>[]): void {
    const { clock, log } = this.#options;
    for (const { rule } of victims) {
      this.deletedByRule.set(rule, (this.deletedByRule.get(rule) ?? 0) + 1);
      this.#untold.set(rule, (this.#untold.get(rule) ?? 0) + 1);
    }
    const broken = victims.filter(({ rule }) => rule === "guarantee-broken");
    if (broken.length > 0) {
      this.#brokenOf = [...new Set(broken.map(({ segment }) => segment.camera))].sort().join(", ");
      if (this.#brokenUntilNs === undefined || clock.monoNs() >= this.#brokenUntilNs) {
        log.error({ cameras: this.#brokenOf }, "too little room for what is guaranteed: the oldest of it is deleted");
      }
      this.#brokenUntilNs = clock.monoNs() + TOLD_NS;
    }
  }
}

/** Which disks lack room: what was in vain for some may help others. */
function needOf({ diskBytes, anywhereBytes }: WantedRoom): string {
  return `${[...diskBytes.keys()]} ${anywhereBytes > 0}`;
}
