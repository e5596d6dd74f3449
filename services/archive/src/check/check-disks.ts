/** K1 and K2: disks and clips. What lies on a disk that is away cannot be looked at, and that is said. */
import type { Database } from "better-sqlite3";
import { isDiskThere } from "../disks/disk-identity.ts";
import { type DiskTable, STATE_DISK } from "../store/disk-table.ts";
import type { Findings } from "./findings.ts";

/** K1: the state directory's disk is disk 1, and no two disks lie at one place. Returns the disks that are there. */
export async function checkDisks(disks: DiskTable, findings: Findings): Promise<Set<number>> {
  const there = new Set<number>();
  const rows = disks.list();
  findings.expect(rows[0]?.id === STATE_DISK, "K1", "disk", "the disk of the state directory has no row");
  for (const disk of rows) {
    if (await isDiskThere(disk)) {
      const twin = rows.find(({ id, directory }) => there.has(id) && directory === disk.directory);
      findings.expect(
        twin === undefined,
        "K1",
        `disk ${disk.id}`,
        `lies where disk ${twin?.id} does: ${disk.directory}`,
      );
      there.add(disk.id);
    } else {
      findings.note(`disk ${disk.id} (${disk.uuid}) is not at ${disk.directory}: what lies on it was not looked at`);
    }
  }
  return there;
}

/** K2: every clip is of a camera. */
export function checkClips(database: Database, findings: Findings): void {
  const empty = database
    .prepare<[], { name: string }>("select name from clip where id not in (select clip_id from clip_camera)")
    .all();
  for (const { name } of empty) {
    findings.fault("K2", `clip ${name}`, "is of no camera");
  }
}
