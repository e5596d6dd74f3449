/** Time that someone selects, to keep or to export it. Pure: every change is a new value. Units: microseconds. */

/** From when to when. */
export interface Selection {
  readonly fromUs: number;
  readonly toUs: number;
}

/** One of its two ends. */
export type Edge = "from" | "to";

/** Longest time of one export: EXPORT_MAX_SPAN_US of the contract, a day; a test compares. */
export const EXPORT_MOST_US = 86_400_000_000;

const SECOND_US = 1_000_000;
/** How wide a first selection is: so much of what is in view, between these limits. */
const FIRST = { ofView: 1 / 6, leastUs: 10 * SECOND_US, mostUs: 3600 * SECOND_US } as const;

/** A first selection around the playhead, to be moved from there; it ends now at the latest. */
export function firstSelection(playheadUs: number, viewUs: number, nowUs: number): Selection {
  const widthUs = wholeSeconds(Math.min(FIRST.mostUs, Math.max(FIRST.leastUs, viewUs * FIRST.ofView)));
  const latestUs = Math.floor(nowUs / SECOND_US) * SECOND_US;
  const toUs = Math.min(wholeSeconds(playheadUs + widthUs / 2), latestUs);
  return { fromUs: toUs - widthUs, toUs };
}

/** Moves one end, by whole seconds, up to a second before the other and not into the future. */
export function withEdge(selection: Selection, edge: Edge, wallUs: number, nowUs: number): Selection {
  const wantedUs = wholeSeconds(Math.min(wallUs, nowUs));
  return edge === "from"
    ? { ...selection, fromUs: Math.min(wantedUs, selection.toUs - SECOND_US) }
    : { ...selection, toUs: Math.max(wantedUs, selection.fromUs + SECOND_US) };
}

/** Begins or ends at a moment someone marks; where the other end is on the wrong side of it, the selection moves there as it is. */
export function marked(selection: Selection, edge: Edge, wallUs: number, nowUs: number): Selection {
  const widthUs = selection.toUs - selection.fromUs;
  const atUs = wholeSeconds(Math.min(wallUs, nowUs));
  if (edge === "from" && atUs >= selection.toUs) {
    const toUs = Math.min(atUs + widthUs, Math.floor(nowUs / SECOND_US) * SECOND_US);
    return { fromUs: Math.min(atUs, toUs - SECOND_US), toUs };
  }
  if (edge === "to" && atUs <= selection.fromUs) {
    return { fromUs: atUs - widthUs, toUs: atUs };
  }
  return withEdge(selection, edge, atUs, nowUs);
}

/** Whole seconds around something that happened. */
export function around(fromUs: number, toUs: number): Selection {
  return { fromUs: Math.floor(fromUs / SECOND_US) * SECOND_US, toUs: Math.ceil(toUs / SECOND_US) * SECOND_US };
}

/** What is wrong with a selection that was typed; undefined: nothing. */
export function selectionFault(
  { fromUs, toUs }: Selection,
  nowUs: number,
  purpose: "keep" | "export",
): "order" | "future" | "long" | undefined {
  if (!(toUs > fromUs)) {
    return "order";
  }
  if (fromUs >= nowUs) {
    return "future";
  }
  return purpose === "export" && toUs - fromUs > EXPORT_MOST_US ? "long" : undefined;
}

/** An instant as a datetime-local field holds it: local time, whole seconds. */
export function toField(wallUs: number): string {
  const date = new Date(wallUs / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Reads such a field; undefined while it is not filled in. */
export function fromField(text: string): number | undefined {
  const wallMs = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(text) ? new Date(text).getTime() : Number.NaN;
  return Number.isFinite(wallMs) && wallMs >= 0 ? wallMs * 1000 : undefined;
}

function wholeSeconds(us: number): number {
  return Math.round(us / SECOND_US) * SECOND_US;
}
