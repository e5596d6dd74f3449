/** E1 to E3: events are well formed, and their pictures are where their rows say. */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import { diskRefusalOf } from "../disks/read-refusal.ts";
import { thumbnailPackOf } from "../recording/recording-paths.ts";
import { EventTable, type ThumbnailRow } from "../store/event-table.ts";
import type { Findings } from "./findings.ts";

const PAGE = 500;

/** Reads every event, and the first and last bytes of every picture. */
export async function checkEvents(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const events = new EventTable(database);
  const page = database.prepare<[number], { id: number; uuid: string }>(
    `select id, uuid from event where id > ? order by id limit ${PAGE}`,
  );
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? Number.MAX_SAFE_INTEGER)) {
    for (const { uuid } of rows) {
      checkEvent(events, uuid, findings);
    }
    await Promise.resolve();
  }
  await checkPictures(stateDir, database, findings);
}

function checkEvent(events: EventTable, uuid: string, findings: Findings): void {
  try {
    const event = events.byUuid(uuid); // reads it through the contract's schema
    if (event !== undefined) {
      findings.counts.events += 1;
      const isOrdered = event.endWallUs === null || event.endWallUs >= event.startWallUs;
      findings.expect(isOrdered, "E1", `event ${uuid}`, "ends before it starts");
    }
  } catch (error) {
    findings.fault("E1", `event ${uuid}`, (error as Error).message);
  }
}

/** Where a picture's row points. */
export interface PictureRow extends ThumbnailRow {
  readonly uuid: string;
}

/** What a picture looks like; unreadable: its disk refuses to say. */
export type PictureLooks = "jpeg" | "no-jpeg" | "unreadable";

/** Looks at the first and last bytes of every picture; tells of each whether it is a JPEG, and the file it lies in. */
export async function eachPicture(
  stateDir: string,
  database: Database,
  tell: (row: PictureRow, looks: PictureLooks, path: string) => void,
): Promise<void> {
  const pictures = database.prepare<[], PictureRow>(
    `select uuid, slug as camera, pack_day as packDay, offset_bytes as offsetBytes, jpeg_bytes as jpegBytes,
       thumbnail.capture_wall_us as captureWallUs, width_px as widthPx, height_px as heightPx
     from thumbnail join event on event.id = event_id join camera on camera.id = camera_id order by slug, pack_day, offset_bytes`,
  );
  let pack: { path: string; file: FileHandle | "unreadable" | undefined } | undefined;
  for (const row of pictures.all()) {
    const path = thumbnailPackOf(stateDir, row.camera, row.packDay);
    if (pack?.path !== path) {
      await close(pack?.file);
      const refused = (error: unknown) => (diskRefusalOf(error) === undefined ? undefined : "unreadable");
      pack = { path, file: await open(path, "r").catch(refused) };
    }
    tell(row, pack.file === "unreadable" ? pack.file : await looksOf(pack.file, row), path);
  }
  await close(pack?.file);
}

async function close(file: FileHandle | "unreadable" | undefined): Promise<void> {
  if (file !== "unreadable") {
    await file?.close();
  }
}

async function looksOf(file: FileHandle | undefined, { offsetBytes, jpegBytes }: PictureRow): Promise<PictureLooks> {
  const ends = Buffer.alloc(4);
  try {
    await file?.read(ends, 0, 2, offsetBytes);
    await file?.read(ends, 2, 2, offsetBytes + jpegBytes - 2);
  } catch (error) {
    if (diskRefusalOf(error) === undefined) {
      throw error;
    }
    return "unreadable";
  }
  return ends.toString("hex") === "ffd8ffd9" ? "jpeg" : "no-jpeg"; // SOI … EOI: ITU-T T.81 §B.2.1
}

async function checkPictures(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const used = new Set<string>();
  await eachPicture(stateDir, database, (row, looks, path) => {
    const fault = looks === "unreadable" ? "the disk does not give the bytes" : "no JPEG";
    const detail = () => `${fault} at byte ${row.offsetBytes} of ${path}`;
    findings.expect(looks === "jpeg", "E2", `picture of event ${row.uuid}`, detail);
    used.add(path);
    findings.counts.thumbnails += 1;
  });
  for (const entry of await readdir(join(stateDir, "thumbnails"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !used.has(path)) {
      findings.note(`${entry.name}: no picture in it is in use`);
    }
  }
}
