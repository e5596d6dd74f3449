/** What is recorded and what is missing, as spans of time. Pure. Tested: test/playback/timeline.test.ts. */

/** A span of wall time, microseconds. */
export interface Span {
  readonly startWallUs: number;
  readonly endWallUs: number;
}

/** Joins spans that touch or overlap. `spans`: in any order; the answer is ordered and its spans do not touch. */
export function mergeSpans(spans: Iterable<Span>): Span[] {
  const ordered = [...spans].filter((span) => span.endWallUs > span.startWallUs);
  ordered.sort((a, b) => a.startWallUs - b.startWallUs);
  const merged: { startWallUs: number; endWallUs: number }[] = [];
  for (const { startWallUs, endWallUs } of ordered) {
    const last = merged.at(-1);
    if (last !== undefined && startWallUs <= last.endWallUs) {
      last.endWallUs = Math.max(last.endWallUs, endWallUs);
    } else {
      merged.push({ startWallUs, endWallUs });
    }
  }
  return merged;
}

/** Cuts spans to [fromUs, toUs); what lies outside is dropped, other members stay. */
export function clipSpans<S extends Span>(spans: readonly S[], fromUs: number, toUs: number): S[] {
  return spans.flatMap((span) => {
    const startWallUs = Math.max(span.startWallUs, fromUs);
    const endWallUs = Math.min(span.endWallUs, toUs);
    return endWallUs > startWallUs ? [{ ...span, startWallUs, endWallUs }] : [];
  });
}
