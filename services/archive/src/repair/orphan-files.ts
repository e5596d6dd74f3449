/** --repair orphan-files: files without rows are taken up; what is no recording, or lies where it does not belong, goes to lost+found. */
import { relative } from "node:path";
import { recordingsDirOf, segmentFileOf } from "../recording/recording-paths.ts";
import { listRecordings, type NamedFile } from "../reindex/recording-files.ts";
import { type ReadFile, readSegmentFile } from "../reindex/segment-file.ts";
import { settleGaps } from "./gaps.ts";
import { presentDisks, type RepairContext, type RepairStep } from "./repair-context.ts";
import { adoptFile } from "./segment-row.ts";
import { keepWholePart } from "./whole-part.ts";

/** A step a file. */
export async function repairOrphanFiles(context: RepairContext): Promise<RepairStep[]> {
  const { store, stateDir } = context;
  const roots = (await presentDisks(store)).map(({ id, directory }) => ({
    disk: id,
    directory: recordingsDirOf(directory),
  }));
  const listed = await listRecordings(roots);
  const steps = listed.strangers.map((path) => moveAway(context, path, "is not named like a recording"));
  const claimed = new Set<number>();
  for (const file of listed.streams.flatMap(({ files }) => files)) {
    const row = store.segments.byId(file.id);
    if (row !== undefined && segmentFileOf(store.disks, row) === file.path) {
      continue;
    }
    const read = await readSegmentFile(file.path);
    if (read.state === "unreadable") {
      context.leave({ kind: "orphan-files", what: relative(stateDir, file.path), reason: read.reason ?? read.state });
      continue;
    }
    const reason = whyNotOurs(context, file, read, claimed);
    if (reason !== undefined) {
      steps.push(moveAway(context, file.path, reason));
      continue;
    }
    claimed.add(file.id);
    const part =
      read.state === "whole" ? "" : ` as far as it is whole (${read.reason}); the original goes to lost+found`;
    steps.push({
      kind: "orphan-files",
      what: `take up ${relative(stateDir, file.path)}${part}`,
      apply: () => takeUp(context, file, read),
    });
  }
  return steps;
}

function whyNotOurs({ store }: RepairContext, file: NamedFile, read: ReadFile, claimed: ReadonlySet<number>) {
  const info = read.segment?.info;
  if (info === undefined) {
    return read.reason ?? read.state;
  }
  if (segmentFileOf(store.disks, { ...info, id: info.segmentId, disk: file.disk }) !== file.path) {
    return `says that it is segment ${info.segmentId} of ${info.camera}: it belongs elsewhere`;
  }
  return store.segments.byId(file.id) !== undefined || claimed.has(file.id)
    ? `has the number of another recording, ${file.id}`
    : undefined;
}

async function takeUp(context: RepairContext, file: NamedFile, read: ReadFile): Promise<void> {
  if (read.state !== "whole") {
    await keepWholePart(file.path, context.lost);
  }
  const whole = read.state === "whole" ? read : await readSegmentFile(file.path);
  const segment = whole.segment;
  if (segment !== undefined) {
    const { store } = context;
    store.transaction(() => {
      const cameraRow = adoptFile(store, { ...whole, disk: file.disk }, segment);
      settleGaps(store, cameraRow, "unknown");
    });
  }
}

function moveAway({ lost, stateDir }: RepairContext, path: string, reason: string): RepairStep {
  return {
    kind: "orphan-files",
    what: `move ${relative(stateDir, path)} to ${relative(stateDir, lost.placeOf(path))}: ${reason}`,
    apply: () => lost.take(path),
  };
}
