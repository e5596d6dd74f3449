/** How a watch is shown: a table for people, one JSON object a refresh for programs. */
import type { RingReader } from "../../src/index.ts";
import { leasedSlots } from "../ring-facts.ts";
import { type Column, cut, tableLines } from "../table.ts";
import { millisText, rateText } from "../words.ts";
import type { WatchReport } from "./ring-watch.ts";
import type { Percentiles } from "./sample-window.ts";

/** A report with what the ring's header and lease object say. busy: undefined for byte rings. */
export type WatchRow = WatchReport & { busy: bigint | undefined; readers: RingReader[] };

const COLUMNS: Column<WatchRow>[] = [
  { title: "RING", cell: ({ name }) => name, minWidth: 24 },
  { title: "STATE", cell: ({ state }) => state },
  { title: "RATE/s", cell: ({ ratePerS }) => rateText(ratePerS), right: true },
  { title: "MB/s", cell: ({ megabytesPerS }) => rateText(megabytesPerS), right: true },
  { title: "CAP→PUB ms", cell: ({ captureToPublishMs }) => pairText(captureToPublishMs), right: true, dropOrder: 3 },
  { title: "PUB→HERE ms", cell: ({ publishToSeenMs }) => pairText(publishToSeenMs), right: true },
  { title: "CAP→HERE ms", cell: ({ captureToSeenMs }) => pairText(captureToSeenMs), right: true },
  {
    title: "JITTER ms",
    cell: ({ jitterMs }) => (jitterMs === undefined ? "-" : millisText(jitterMs)),
    right: true,
    dropOrder: 4,
  },
  { title: "SEQUENCE", cell: ({ sequence }) => `${sequence}`, right: true, dropOrder: 2 },
  { title: "MISSED", cell: ({ missed }) => `${missed}`, right: true },
  { title: "BUSY", cell: ({ busy }) => (busy === undefined ? "-" : `${busy}`), right: true, dropOrder: 1 },
];

/** The table, each ring's readers below it. */
export function watchLines(rows: readonly WatchRow[], widthChars: number): string[] {
  const [head = "", ...lines] = tableLines(COLUMNS, rows, widthChars);
  return [head, ...lines.flatMap((line, i) => [line, ...readerLines(rows[i], widthChars)])];
}

/** One refresh as a JSON object without line breaks. */
export function watchJson(rows: readonly WatchRow[], wallUs: number): string {
  const rings = rows.map(({ sequence, busy, readers, ...row }) => ({
    ...row,
    sequence: Number(sequence),
    busy: busy === undefined ? null : Number(busy),
    readers: readers.map((reader) => ({
      pid: reader.pid,
      program: reader.program,
      alive: reader.alive,
      leasedSlots: leasedSlots(reader),
      taken: Number(reader.taken),
      missed: Number(reader.missed),
    })),
  }));
  return JSON.stringify({ wallUs, rings }, (_, value) => rounded(value));
}

/** A thousandth of a millisecond is as fine as any of these numbers means. undefined: not known, which JSON calls null. */
function rounded(value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : (value ?? null);
}

function readerLines(row: WatchRow | undefined, widthChars: number): string[] {
  return (row?.readers ?? []).map((reader) => {
    const leases = leasedSlots(reader).length;
    const who = `${reader.program}(${reader.pid})${leases > 0 ? `×${leases}` : ""}`;
    const state = reader.alive ? "" : ", dead: its leases are taken back when the writer needs them";
    return cut(`  └ ${who} took ${reader.taken}, missed ${reader.missed}${state}`, widthChars);
  });
}

function pairText(pair: Percentiles | undefined): string {
  return pair === undefined ? "-" : `${millisText(pair.p50)}/${millisText(pair.p99)}`;
}
