/** Writes what a stream's recording lacks: rows that follow no bytes, with the next commit, and the tally of seconds. */
import type { GapCause } from "@lanthorn/contract";
import type { CommitEntry, SyncTarget } from "./commit-queue.ts";
import type { RecorderContext } from "./recorder-context.ts";
import type { CameraStream } from "./recording-paths.ts";
import type { RecordingTally } from "./recording-tally.ts";

/** A gap between two segments. */
interface EndedGap {
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly cause: GapCause;
}

/** The gaps of one stream. Owner: CameraRecorder. */
export class GapRows {
  readonly #context: Pick<RecorderContext, "commits" | "store">;
  readonly #of: CameraStream;
  readonly #tally: RecordingTally;

  constructor(context: Pick<RecorderContext, "commits" | "store">, of: CameraStream, tally: RecordingTally) {
    this.#context = context;
    this.#of = of;
    this.#tally = tally;
  }

  /**
   * A segment begins to exist once its first fragment is durable: then what was missing before it has an end. Called when that
   * fragment is handed over: a gap after a segment of one fragment must not come before the end of the one before it.
   */
  settle(gap: EndedGap | undefined, targets: readonly SyncTarget[]): void {
    const { begun } = this.#tally;
    const durable = () => this.#tally.addGap(gap, begun);
    this.#commit((cameraRow) => this.#context.store.gaps.settle(cameraRow, gap), { targets, durable });
  }

  /** Something is missing between two segments that are recorded already. */
  insert(gap: EndedGap): void {
    if (gap.endWallUs > gap.startWallUs) {
      this.#tally.addMissing(gap);
      this.#commit((cameraRow) => {
        // What was recorded is lost after all: a gap that was told of meanwhile may reach into it.
        this.#context.store.gaps.carve(cameraRow, gap.startWallUs, gap.endWallUs);
        this.#context.store.gaps.insert(cameraRow, gap);
      });
    }
  }

  /** Nothing adjoins what is recorded. */
  begin(startWallUs: number, cause: GapCause): void {
    this.#tally.beginGap(startWallUs, cause);
    this.#commit((cameraRow) => this.#context.store.gaps.begin(cameraRow, startWallUs, cause));
  }

  /** From an instant on something else is why nothing is recorded: the gap that goes on ends there, and another adjoins. */
  turn(fromWallUs: number, cause: GapCause): void {
    this.#tally.turnGap(fromWallUs, cause);
    this.#commit((cameraRow) => {
      const { gaps } = this.#context.store;
      const before = gaps.goingOn(cameraRow);
      // Split even where the words are the same: the next segment's gap begins here.
      if (before !== undefined) {
        const ends = before.startWallUs < fromWallUs;
        gaps.settle(cameraRow, ends ? { ...before, endWallUs: fromWallUs } : undefined);
        gaps.begin(cameraRow, Math.max(before.startWallUs, fromWallUs), cause);
      }
    });
  }

  #commit(rows: (cameraRow: number) => void, entry: Pick<CommitEntry, "targets" | "durable"> = { targets: [] }): void {
    const { commits, store } = this.#context;
    commits.add({
      ...entry,
      rows: () => {
        const cameraRow = store.cameras.find(this.#of.camera, this.#of.stream);
        if (cameraRow !== undefined) {
          rows(cameraRow);
        }
      },
    });
  }
}
