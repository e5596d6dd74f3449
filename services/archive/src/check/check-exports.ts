/** Invariants of exports: rows and folders agree. The bytes themselves are for the verifier that lies beside them. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import { exportsDirOf, uuidOfDirName } from "../exports/export-paths.ts";
import type { Findings } from "./findings.ts";

interface ExportRow {
  readonly uuid: string;
  readonly state: string;
  readonly bytes: number;
  readonly files: string;
}

/** Checks X1 (a finished export has exactly its files, with their sizes) and X2 (every folder has a row). */
export async function checkExports(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const rows = database.prepare<[], ExportRow>("select uuid, state, bytes, files from export").all();
  const known = new Map(rows.map((row) => [row.uuid, row]));
  for (const row of rows.filter(({ state }) => state === "done")) {
    await checkFolder(join(exportsDirOf(stateDir), row.uuid), row, findings);
  }
  for (const name of await readdir(exportsDirOf(stateDir)).catch(() => [])) {
    const uuid = uuidOfDirName(name);
    const state = uuid === undefined ? undefined : known.get(uuid)?.state;
    if (uuid === undefined) {
      findings.note(`exports/${name}: the next start removes it, or nobody knows it`);
    } else if (state === "failed" || state === "cancelled") {
      findings.note(`exports/${name}: left of an export that is ${state}; the next start removes it`);
    } else {
      findings.expect(
        state !== undefined,
        "X2",
        `exports/${name}`,
        "no row knows this export; the next start settles it",
      );
    }
  }
}

async function checkFolder(folder: string, row: ExportRow, findings: Findings): Promise<void> {
  const subject = `export ${row.uuid}`;
  const listed = new Map((JSON.parse(row.files) as { name: string; bytes: number }[]).map((file) => [file.name, file]));
  const names = await readdir(folder).catch(() => undefined);
  if (!findings.expect(names !== undefined, "X1", subject, "its folder is missing")) {
    return;
  }
  for (const name of names?.filter((each) => !listed.has(each)) ?? []) {
    findings.fault("X1", subject, `${name} is none of its files`);
  }
  for (const { name, bytes } of listed.values()) {
    const size = (await stat(join(folder, name)).catch(() => undefined))?.size;
    findings.expect(size === bytes, "X1", subject, `${name} has ${size ?? "no"} bytes, expected ${bytes}`);
  }
  const total = [...listed.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  findings.expect(total === row.bytes, "X1", subject, `its files have ${total} bytes, its row says ${row.bytes}`);
}
