/** --repair missing-files, damaged-files, sizes: rows against their files, one pass over both. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { segmentFileOf } from "../recording/recording-paths.ts";
import { type ReadFile, readSegmentFile } from "../reindex/segment-file.ts";
import { SEGMENT_COLUMNS, type SegmentRow } from "../store/segment-table.ts";
import { settleGaps } from "./gaps.ts";
import { presentDisks, type RepairContext, type RepairKind, type RepairStep } from "./repair-context.ts";
import { rewriteRow } from "./segment-row.ts";
import { keepWholePart } from "./whole-part.ts";

/** Rows held at a time. */
const PAGE = 500;

/** A step a row that does not agree with its file, of the kinds asked for. */
export async function repairRowFiles(context: RepairContext, kinds: ReadonlySet<RepairKind>): Promise<RepairStep[]> {
  const { store } = context;
  const disks = new Set((await presentDisks(store)).map(({ id }) => id));
  const page = store.database.prepare<[number], SegmentRow>(
    `select ${SEGMENT_COLUMNS} from segment join camera on camera.id = camera_id
     where segment.id > ? and state = 'closed' order by segment.id limit ${PAGE}`,
  );
  const steps: RepairStep[] = [];
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? Number.MAX_SAFE_INTEGER)) {
    for (const row of rows.filter(({ disk }) => disks.has(disk))) {
      const step = await stepFor(context, row, kinds);
      if (step !== undefined && kinds.has(step.kind)) {
        steps.push(step);
      }
    }
  }
  return steps;
}

async function stepFor(
  context: RepairContext,
  row: SegmentRow,
  kinds: ReadonlySet<RepairKind>,
): Promise<RepairStep | undefined> {
  const { store, stateDir, lost } = context;
  const path = segmentFileOf(store.disks, row);
  const name = relative(stateDir, path);
  if (!existsSync(path)) {
    const what = `delete the row of ${name}, whose file is gone; a gap says so`;
    return { kind: "missing-files", what, apply: () => forget(context, row) };
  }
  if (!kinds.has("damaged-files") && !kinds.has("sizes")) {
    return undefined;
  }
  const read = await readSegmentFile(path);
  if (read.state === "unreadable") {
    context.leave({ kind: "damaged-files", what: name, reason: read.reason ?? read.state });
    return undefined; // what it holds is not known to be damaged
  }
  const info = read.segment?.info;
  const isOurs =
    info !== undefined && segmentFileOf(store.disks, { ...info, id: info.segmentId, disk: row.disk }) === path;
  if (!isOurs) {
    const reason =
      info === undefined ? (read.reason ?? read.state) : `says that it is segment ${info.segmentId} of ${info.camera}`;
    const what = `move ${name} to ${relative(stateDir, lost.placeOf(path))}: ${reason}; a gap says that it is lost`;
    return { kind: "damaged-files", what, apply: () => lost.take(path).then(() => forget(context, row)) };
  }
  if (read.state !== "whole") {
    const what = `keep the whole part of ${name} (${read.reason}); the original goes to ${relative(stateDir, lost.placeOf(path))}`;
    return { kind: "damaged-files", what, apply: () => keepPart(context, row, path) };
  }
  const differences = differencesOf(context, row, read);
  return differences.length === 0
    ? undefined
    : { kind: "sizes", what: `${name}: ${differences.join(", ")}`, apply: () => correct(context, row, read) };
}

function forget({ store }: RepairContext, row: SegmentRow): void {
  store.transaction(() => {
    store.segments.markDeleting(row.id);
    store.segments.remove(row.id);
    settleGaps(store, row.cameraRow, "file-lost");
  });
}

async function keepPart(context: RepairContext, row: SegmentRow, path: string): Promise<void> {
  await keepWholePart(path, context.lost);
  await correct(context, row, await readSegmentFile(path));
}

function correct({ store }: RepairContext, row: SegmentRow, { segment }: ReadFile): void {
  if (segment !== undefined) {
    store.transaction(() => {
      rewriteRow(store, row, segment);
      settleGaps(store, row.cameraRow, "file-lost");
    });
  }
}

/** What the row says otherwise, in words. */
function differencesOf({ store }: RepairContext, row: SegmentRow, { segment }: ReadFile): string[] {
  if (segment === undefined) {
    return [];
  }
  const { info, header, facts } = segment;
  const pairs = [
    ["start", info.startWallUs, row.startWallUs],
    ["bytes", facts.fileBytes, row.fileBytes],
    ["header bytes", facts.headerBytes, row.headerBytes],
    ["media bytes", facts.mediaBytes, row.mediaBytes],
    ["fragments", facts.fragments, row.fragments],
    ["key fragments", facts.keyFragments, row.keyFragments],
    ["duration in 90 kHz", facts.duration90k, row.duration90k],
  ] as const;
  const words = pairs
    .filter(([, file, said]) => file !== said)
    .map(([what, file, said]) => `${what} ${said}, file ${file}`);
  const isSameInit = store.cameras.init(row.initSegmentId)?.bytes.equals(header.initBytes) === true;
  return isSameInit ? words : [...words, "another initialisation segment"];
}
