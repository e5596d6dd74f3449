/** Table gap: what a recording lacks, and why. */

import type { GapCause } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";

/** A gap; endWallUs is null while it goes on. */
export interface GapRow {
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly cause: GapCause;
}

const COLUMNS = "start_wall_us as startWallUs, end_wall_us as endWallUs, cause";

/** The statements of table gap. */
export class GapTable {
  readonly #begin: Statement<{ cameraRow: number; startWallUs: number; cause: GapCause }>;
  readonly #insert: Statement<GapRow & { cameraRow: number }>;
  readonly #dropOpen: Statement<[number]>;
  readonly #endOf: Statement<[number, number], { endWallUs: number }>;
  readonly #goingOn: Statement<[number], GapRow>;
  readonly #inInterval: Statement<{ cameraRow: number; fromUs: number; toUs: number }, GapRow>;
  readonly #overlapping: Statement<{ cameraRow: number; fromUs: number; toUs: number }, GapRow & { id: number }>;
  readonly #remove: Statement<[number]>;
  readonly #prune: Statement<{ cameraRow: number; beforeUs: number }>;

  constructor(database: Database) {
    this.#begin = database.prepare(
      `insert into gap (camera_id, start_wall_us, cause) values (@cameraRow, @startWallUs, @cause)
       on conflict (camera_id) where end_wall_us is null do nothing`,
    );
    this.#insert = database.prepare(
      `insert into gap (camera_id, start_wall_us, end_wall_us, cause) values (@cameraRow, @startWallUs, @endWallUs, @cause)`,
    );
    this.#dropOpen = database.prepare("delete from gap where camera_id = ? and end_wall_us is null");
    this.#endOf = database.prepare(
      "select end_wall_us as endWallUs from gap where camera_id = ? and start_wall_us = ? and end_wall_us is not null",
    );
    this.#goingOn = database.prepare(`select ${COLUMNS} from gap where camera_id = ? and end_wall_us is null`);
    this.#inInterval = database.prepare(
      `select ${COLUMNS} from gap where camera_id = @cameraRow and start_wall_us < @toUs
         and (end_wall_us is null or end_wall_us > @fromUs) order by start_wall_us, id`,
    );
    this.#overlapping = database.prepare(
      `select id, ${COLUMNS} from gap where camera_id = @cameraRow and start_wall_us < @toUs
         and (end_wall_us is null or end_wall_us > @fromUs)`,
    );
    this.#remove = database.prepare("delete from gap where id = ?");
    this.#prune = database.prepare("delete from gap where camera_id = @cameraRow and end_wall_us <= @beforeUs");
  }

  /** A gap begins; nothing happens when one is going on already. */
  begin(cameraRow: number, startWallUs: number, cause: GapCause): void {
    this.#begin.run({ cameraRow, startWallUs, cause });
  }

  /** A segment begins: what was going on has ended. `gap` is the gap before it, if there is one. */
  settle(cameraRow: number, gap: { startWallUs: number; endWallUs: number; cause: GapCause } | undefined): void {
    this.#dropOpen.run(cameraRow);
    if (gap !== undefined) {
      this.#insert.run({ cameraRow, ...gap });
    }
  }

  /** A gap between two segments that are recorded already. */
  insert(cameraRow: number, gap: { startWallUs: number; endWallUs: number; cause: GapCause }): void {
    this.#insert.run({ cameraRow, ...gap });
  }

  /** Where the ended gaps end that adjoin from an instant on, one after another; the instant itself when there is none. */
  filledUntil(cameraRow: number, fromUs: number): number {
    let filledUs = fromUs;
    for (
      let gap = this.#endOf.get(cameraRow, filledUs);
      gap !== undefined;
      gap = this.#endOf.get(cameraRow, filledUs)
    ) {
      filledUs = gap.endWallUs;
    }
    return filledUs;
  }

  /** The gap that goes on, if one does. */
  goingOn(cameraRow: number): GapRow | undefined {
    return this.#goingOn.get(cameraRow);
  }

  /** Gaps of a camera that overlap [fromUs, toUs). */
  inInterval(cameraRow: number, fromUs: number, toUs: number): GapRow[] {
    return this.#inInterval.all({ cameraRow, fromUs, toUs });
  }

  /** Something is recorded of [fromUs, toUs) after all: gaps end before it and begin after it. */
  carve(cameraRow: number, fromUs: number, toUs: number): void {
    for (const { id, ...gap } of this.#overlapping.all({ cameraRow, fromUs, toUs })) {
      this.#remove.run(id);
      if (gap.startWallUs < fromUs) {
        this.#insert.run({ cameraRow, ...gap, endWallUs: fromUs });
      }
      if (gap.endWallUs === null || gap.endWallUs > toUs) {
        this.#insert.run({ cameraRow, ...gap, startWallUs: toUs });
      }
    }
  }

  /** Fills what no gap covers of [fromUs, toUs); undefined: the gap goes on. */
  fill(cameraRow: number, fromUs: number, toUs: number | undefined, cause: GapCause): void {
    const filledUs = this.filledUntil(cameraRow, fromUs);
    if (toUs === undefined) {
      this.begin(cameraRow, filledUs, cause);
    } else if (filledUs < toUs) {
      this.insert(cameraRow, { startWallUs: filledUs, endWallUs: toUs, cause });
    }
  }

  /** Forgets gaps that ended before the oldest recording that is kept. */
  prune(cameraRow: number, beforeUs: number): void {
    this.#prune.run({ cameraRow, beforeUs });
  }
}
