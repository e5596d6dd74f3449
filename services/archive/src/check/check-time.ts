/** T1 to T4: segments of a camera do not overlap, and every hole between them is one gap row with a cause. */
import { isoTime } from "@lanthorn/base";
import type { Database } from "better-sqlite3";
import { usOf90k } from "../recording/media-time.ts";
import { slackUs } from "../recording/recovery.ts";
import type { GapRow } from "../store/gap-table.ts";
import type { Findings } from "./findings.ts";

interface Row {
  readonly id: number;
  readonly state: string;
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly duration90k: number | null;
  readonly clockJumpUs: number;
}

/** Goes through each camera's segments in the order they were recorded. */
export function checkTime(database: Database, findings: Findings): void {
  const cameras = database
    .prepare<[], { id: number; slug: string }>(
      "select id, slug || iif(stream = 'main', '', '.' || stream) as slug from camera",
    )
    .all();
  for (const { id, slug } of cameras) {
    findings.counts.cameras += 1;
    // Consistent among each other even beside the live service: a read transaction a camera.
    database.transaction(() => checkCamera(database, { id, slug }, findings))();
  }
}

function checkCamera(database: Database, camera: { id: number; slug: string }, findings: Findings): void {
  const rows = database
    .prepare<[number], Row>(
      `select id, state, start_wall_us as startWallUs, end_wall_us as endWallUs, duration_90k as duration90k,
         clock_jump_us as clockJumpUs from segment where camera_id = ? and state <> 'deleting' order by id`,
    )
    .iterate(camera.id);
  const gaps = database
    .prepare<[number], GapRow>(
      "select start_wall_us as startWallUs, end_wall_us as endWallUs, cause from gap where camera_id = ?",
    )
    .all(camera.id);
  findings.counts.gaps += gaps.length;
  const ended = new Map(gaps.filter(({ endWallUs }) => endWallUs !== null).map((gap) => [gap.startWallUs, gap]));
  const doubled = gaps.filter(({ endWallUs }) => endWallUs !== null).length - ended.size;
  findings.expect(doubled === 0, "T3", camera.slug, `${doubled} gaps begin where another one does`);
  let before: Row | undefined;
  let firstUs: number | undefined;
  for (const row of rows) {
    firstUs ??= row.startWallUs;
    if (row.state === "closed") {
      checkDuration(row, camera.slug, findings);
    }
    if (before?.endWallUs != null) {
      checkPair({ ...before, endWallUs: before.endWallUs }, row, { slug: camera.slug, gaps: ended, findings });
    }
    before = row;
  }
  const endUs = before?.endWallUs == null ? undefined : fill(ended, before.endWallUs, Number.POSITIVE_INFINITY);
  for (const gap of ended.values()) {
    // Retention may have taken the segment before it: then it ends where the oldest begins, or is pruned next.
    findings.expect(
      firstUs === undefined || (gap.endWallUs ?? 0) <= firstUs,
      "T3",
      subjectOf(camera.slug, gap),
      "lies between no two segments",
    );
  }
  for (const gap of gaps.filter(({ endWallUs }) => endWallUs === null)) {
    const isLast = endUs === undefined || endUs === gap.startWallUs;
    findings.expect(isLast, "T4", subjectOf(camera.slug, gap), "goes on, but does not begin where the recording ends");
  }
}

function checkDuration(row: Row, slug: string, findings: Findings): void {
  const wallUs = (row.endWallUs ?? 0) - row.startWallUs;
  const mediaUs = usOf90k(row.duration90k ?? 0);
  const off = Math.abs(wallUs - mediaUs);
  findings.expect(
    off <= slackUs(row.duration90k ?? 0),
    "T1",
    `${slug} segment ${row.id}`,
    `lasts ${wallUs} µs by the wall, ${mediaUs} µs of media`,
  );
}

function checkPair(
  before: Row & { endWallUs: number },
  row: Row,
  context: { slug: string; gaps: Map<number, GapRow>; findings: Findings },
): void {
  const { slug, gaps, findings } = context;
  const subject = `${slug} segments ${before.id} and ${row.id}`;
  const holeUs = row.startWallUs - before.endWallUs;
  if (holeUs < 0) {
    findings.expect(row.clockJumpUs < 0, "T2", subject, `overlap by ${-holeUs} µs although the clock did not go back`);
    return;
  }
  // A hole may have several causes one after another: the gaps must fill it without a hole or an overlap of their own.
  const filledUs = fill(gaps, before.endWallUs, row.startWallUs);
  // The row of a gap before an unfinished segment may be missing after a crash; the next start adds it.
  findings.expect(
    filledUs === row.startWallUs || row.state === "open",
    "T3",
    subject,
    `${row.startWallUs - filledUs} of ${holeUs} µs are missing without a gap row`,
  );
}

/** Takes the ended gaps that adjoin from an instant on, one after another; returns where they end. */
function fill(gaps: Map<number, GapRow>, fromUs: number, untilUs: number): number {
  let filledUs = fromUs;
  for (let gap = gaps.get(filledUs); gap?.endWallUs != null && filledUs < untilUs; gap = gaps.get(filledUs)) {
    gaps.delete(filledUs);
    filledUs = gap.endWallUs;
  }
  return filledUs;
}

function subjectOf(slug: string, gap: GapRow): string {
  return `${slug} gap from ${isoTime(gap.startWallUs)} (${gap.cause})`;
}
