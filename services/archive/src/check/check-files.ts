/** F1: every file below recordings has its row. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Database } from "better-sqlite3";
import { isDiskThere } from "../disks/disk-identity.ts";
import {
  recordingsDirOf,
  type SegmentPlace,
  segmentFileOf,
  segmentIdOfFileName,
  streamOfName,
} from "../recording/recording-paths.ts";
import { DiskTable } from "../store/disk-table.ts";
import type { Findings } from "./findings.ts";

/** Looks at every file; one that vanishes while we look was deleted by retention and is no fault. */
export async function checkFiles(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const disks = new DiskTable(database);
  for (const disk of disks.list()) {
    if (await isDiskThere(disk)) {
      await checkDisk(stateDir, database, { disks, root: recordingsDirOf(disk.directory) }, findings);
    }
  }
}

async function checkDisk(
  stateDir: string,
  database: Database,
  { disks, root }: { disks: DiskTable; root: string },
  findings: Findings,
): Promise<void> {
  const segment = database.prepare<[number], SegmentPlace>(
    `select segment.id, slug as camera, stream, start_wall_us as startWallUs, disk_id as disk from segment join camera on camera.id = camera_id
     where segment.id = ?`,
  );
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => !each.isDirectory())) {
    const path = join(entry.parentPath, entry.name);
    const subject = relative(stateDir, path);
    const id = segmentIdOfFileName(entry.name);
    const row = id === undefined ? undefined : segment.get(id);
    const isPlaced = row !== undefined && segmentFileOf(disks, row) === path;
    if (!isPlaced && existsSync(path)) {
      findings.fault("F1", subject, row === undefined ? "file without a row" : "file is not where its row says");
    }
  }
  for (const entry of entries.filter((each) => each.isDirectory() && each.parentPath === root)) {
    findings.expect(streamOfName(entry.name) !== undefined, "F1", entry.name, "directory is not named for a camera");
  }
}
