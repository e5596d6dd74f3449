/** E1 to E3: events are well formed, and their pictures are where their rows say. */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
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

async function checkPictures(stateDir: string, database: Database, findings: Findings): Promise<void> {
  const pictures = database.prepare<[], ThumbnailRow & { uuid: string }>(
    `select uuid, slug as camera, pack_day as packDay, offset_bytes as offsetBytes, jpeg_bytes as jpegBytes,
       thumbnail.capture_wall_us as captureWallUs, width_px as widthPx, height_px as heightPx
     from thumbnail join event on event.id = event_id join camera on camera.id = camera_id order by slug, pack_day, offset_bytes`,
  );
  const used = new Map<string, number>();
  let handle: { path: string; file: Awaited<ReturnType<typeof open>> } | undefined;
  for (const row of pictures.all()) {
    const path = thumbnailPackOf(stateDir, row.camera, row.packDay);
    if (handle?.path !== path) {
      await handle?.file.close();
      const file = await open(path, "r").catch(() => undefined);
      handle = file && { path, file };
    }
    const ends = Buffer.alloc(4);
    await handle?.file.read(ends, 0, 2, row.offsetBytes);
    await handle?.file.read(ends, 2, 2, row.offsetBytes + row.jpegBytes - 2);
    // A JPEG begins with SOI, FFD8, and ends with EOI, FFD9: ITU-T T.81 §B.2.1.
    findings.expect(
      ends.toString("hex") === "ffd8ffd9",
      "E2",
      `picture of event ${row.uuid}`,
      `no JPEG at byte ${row.offsetBytes} of ${path}`,
    );
    used.set(path, (used.get(path) ?? 0) + row.jpegBytes);
    findings.counts.thumbnails += 1;
  }
  await handle?.file.close();
  for (const entry of await readdir(join(stateDir, "thumbnails"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !used.has(path)) {
      findings.note(`${entry.name}: no picture in it is in use`);
    }
  }
}
