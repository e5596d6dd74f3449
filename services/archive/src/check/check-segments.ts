/** F2 to F6: every row has its file, the file is whole to the byte, and says what the row says. */
import { relative } from "node:path";
import type { Database } from "better-sqlite3";
import type { KeyFragment } from "../mp4/random-access.ts";
import { keyFragmentsOf, mediaDuration90k, type SegmentWalk, walkSegment } from "../mp4/walk.ts";
import { openByteSource } from "../recording/durable-file.ts";
import { segmentFileOf } from "../recording/recording-paths.ts";
import { CameraTable } from "../store/camera-table.ts";
import { DiskTable } from "../store/disk-table.ts";
import { type ClosedSegment, SEGMENT_COLUMNS, type SegmentRow } from "../store/segment-table.ts";
import { checkDisks } from "./check-disks.ts";
import type { Findings } from "./findings.ts";

/** Rows taken at a time, so that no read transaction stays open while files are read. */
const PAGE = 500;

/** Walks every segment file that a row names. */
export async function checkSegments(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const cameras = new CameraTable(database);
  const disks = new DiskTable(database);
  const there = await checkDisks(disks, findings);
  const page = database.prepare<[number], SegmentRow>(
    `select ${SEGMENT_COLUMNS} from segment join camera on camera.id = camera_id where segment.id > ? order by segment.id limit ${PAGE}`,
  );
  const again = database.prepare<[number], SegmentRow>(
    `select ${SEGMENT_COLUMNS} from segment join camera on camera.id = camera_id where segment.id = ?`,
  );
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? Number.MAX_SAFE_INTEGER)) {
    for (const row of rows) {
      const before = findings.faults.length;
      await checkSegment({ stateDir, disks, there, cameras, findings }, row);
      // Retention or the writer may have changed the row while the file was read: then it proves nothing.
      if (findings.faults.length > before && again.get(row.id)?.state !== row.state) {
        findings.faults.length = before;
      }
    }
  }
}

interface Context {
  readonly stateDir: string;
  readonly disks: DiskTable;
  /** Disks that are there. */
  readonly there: ReadonlySet<number>;
  readonly cameras: CameraTable;
  readonly findings: Findings;
}

async function checkSegment(context: Context, row: SegmentRow): Promise<void> {
  if (!context.there.has(row.disk)) {
    return; // its disk is away: checkDisks has said so
  }
  const path = segmentFileOf(context.disks, row);
  const subject = relative(context.stateDir, path);
  const source = await openByteSource(path).catch((error: NodeJS.ErrnoException) => error.code ?? "unreadable");
  if (typeof source === "string") {
    context.findings.expect(
      row.state !== "closed",
      "F2",
      subject,
      `row of a complete segment, but the file is ${source}`,
    );
    return;
  }
  try {
    const walk = await walkSegment(source);
    if (row.state === "closed") {
      checkClosed(context, row as ClosedSegment, walk, { subject, fileBytes: source.bytes });
    } else if (row.state === "open") {
      const torn =
        walk.fault === undefined ? "" : `; ${source.bytes - walk.mediaBytes} bytes after the last whole fragment`;
      context.findings.note(
        `${subject}: not finished, ${walk.fragments.length} whole fragments${torn}: the next start settles it`,
      );
    } else {
      context.findings.note(`${subject}: being deleted: the next start ends that`);
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== "read") {
      throw error;
    }
    context.findings.expect(false, "F4", subject, `cannot be read: ${code}; check the disk (dmesg, smartctl)`);
  } finally {
    await source.close();
  }
}

function checkClosed(
  { cameras, findings }: Context,
  row: ClosedSegment,
  walk: SegmentWalk,
  file: { subject: string; fileBytes: number },
): void {
  const { subject } = file;
  const same = (what: string, invariant: string, inFile: unknown, inRow: unknown) =>
    findings.expect(inFile === inRow, invariant, subject, () => `${what}: file ${inFile}, row ${inRow}`);
  same("bytes", "F3", file.fileBytes, row.fileBytes);
  const header = walk.header;
  if (walk.fault !== undefined || header === undefined) {
    findings.fault("F4", subject, `not whole at byte ${walk.fault?.offset ?? 0}: ${walk.fault?.reason ?? "no header"}`);
    return;
  }
  same("header bytes", "F5", header.bytes, row.headerBytes);
  same("media bytes", "F5", walk.mediaBytes, row.mediaBytes);
  same("fragments", "F5", walk.fragments.length, row.fragments);
  same("duration in 90 kHz", "F5", mediaDuration90k(header, walk.fragments), row.duration90k);
  same("camera", "F5", header.info?.camera, row.camera);
  same("id", "F5", header.info?.segmentId, row.id);
  same("start", "F5", header.info?.startWallUs, row.startWallUs);
  const init = cameras.init(row.initSegmentId);
  findings.expect(
    init?.bytes.equals(header.initBytes) === true,
    "F5",
    subject,
    "initialisation segment differs from its row",
  );
  const keys = keyFragmentsOf(walk);
  same("key fragments", "F5", keys.length, row.keyFragments);
  if (walk.keys !== undefined) {
    findings.expect(sameKeys(walk.keys, keys), "F6", subject, "index differs from the fragments");
  } else if (row.fileBytes !== row.mediaBytes) {
    findings.fault("F6", subject, "no index, although the row speaks of one");
  }
  findings.expect(
    walk.fragments[0]?.offset === header.bytes,
    "F4",
    subject,
    "the first fragment does not follow the header",
  );
  checkFragmentTimes(findings, walk, subject);
  findings.counts.segments += 1;
  findings.counts.fragments += walk.fragments.length;
  findings.counts.bytes += file.fileBytes;
  findings.counts.recordedS += row.duration90k / 90_000;
}

/** F7: the pictures of a fragment begin within a second, and decode times of each track only rise. */
function checkFragmentTimes(findings: Findings, walk: SegmentWalk, subject: string): void {
  const endTicks = new Map<number, number>();
  for (const [index, { movie }] of walk.fragments.entries()) {
    for (const part of movie.tracks) {
      const before = endTicks.get(part.track.id) ?? 0;
      // A tick of rounding between 90 kHz and the track's own scale.
      findings.expect(
        part.startTicks >= before - part.lastDurationTicks,
        "F7",
        subject,
        `fragment ${index} goes back in time`,
      );
      endTicks.set(part.track.id, part.startTicks + part.durationTicks);
      // The last picture may stay on as long as it likes: it is the time until the next that was not known beforehand.
      const spanTicks = part.durationTicks - part.lastDurationTicks;
      const isTooLong = part.track.kind === "video" && spanTicks > part.track.timescale;
      findings.expect(
        !isTooLong,
        "F7",
        subject,
        () => `pictures of fragment ${index} span ${spanTicks / part.track.timescale} s`,
      );
    }
  }
  const first = walk.fragments[0]?.movie.tracks.find(({ track }) => track.id === walk.header?.init.primary.id);
  findings.expect(
    first?.startTicks === 0 && first.startsWithKey,
    "F7",
    subject,
    "does not begin at 0 with a key frame",
  );
}

function sameKeys(a: readonly KeyFragment[], b: readonly KeyFragment[]): boolean {
  return a.length === b.length && a.every((key, i) => key.offset === b[i]?.offset && key.timeTicks === b[i]?.timeTicks);
}
