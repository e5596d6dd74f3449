/** What `lanthorn check` finds. Pure. */

/** Something that contradicts an invariant of docs/design/archive.md#invariants. */
export interface Fault {
  /** The invariant's number there, e.g. "F3". */
  readonly invariant: string;
  /** The file or row it is about. */
  readonly subject: string;
  readonly detail: string;
}

/** How much was looked at: a check over nothing proves nothing. */
export interface CheckCounts {
  cameras: number;
  segments: number;
  fragments: number;
  bytes: number;
  gaps: number;
  events: number;
  thumbnails: number;
  embeddings: number;
  previews: number;
  /** Rows of the tables that are kept for finding. */
  summaryRows: number;
  recordedS: number;
}

/** The outcome of a check. */
export class Findings {
  readonly faults: Fault[] = [];
  /** Things worth knowing that break no invariant: what the next start will settle, bytes nobody uses. */
  readonly notes: string[] = [];
  readonly counts: CheckCounts = {
    cameras: 0,
    segments: 0,
    fragments: 0,
    bytes: 0,
    gaps: 0,
    events: 0,
    thumbnails: 0,
    embeddings: 0,
    previews: 0,
    summaryRows: 0,
    recordedS: 0,
  };

  /** Whether every invariant held. */
  get isClean(): boolean {
    return this.faults.length === 0;
  }

  /** Notes a contradiction. */
  fault(invariant: string, subject: string, detail: string): void {
    this.faults.push({ invariant, subject, detail });
  }

  /** Notes something else worth knowing. */
  note(text: string): void {
    this.notes.push(text);
  }

  /** Notes a contradiction unless the condition holds; returns the condition. */
  expect(holds: boolean, invariant: string, subject: string, detail: string | (() => string)): boolean {
    if (!holds) {
      this.fault(invariant, subject, typeof detail === "string" ? detail : detail());
    }
    return holds;
  }
}
