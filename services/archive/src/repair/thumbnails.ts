/** --repair thumbnails: rows that point to no picture are deleted; their events stay, without one. Bytes of packs are left alone. */
import { eachPicture } from "../check/check-events.ts";
import type { RepairContext, RepairStep } from "./repair-context.ts";

/** A step a row. */
export async function repairThumbnails({ stateDir, store, leave }: RepairContext): Promise<RepairStep[]> {
  const steps: RepairStep[] = [];
  await eachPicture(stateDir, store.database, (row, looks, path) => {
    if (looks === "unreadable") {
      const what = `picture of event ${row.uuid} at byte ${row.offsetBytes} of ${path}`;
      leave({ kind: "thumbnails", what, reason: "cannot be read" });
    } else if (looks === "no-jpeg") {
      steps.push({
        kind: "thumbnails",
        what: `forget the picture of event ${row.uuid}: no JPEG at byte ${row.offsetBytes} of ${path}`,
        apply: () => {
          store.transaction(() =>
            store.database
              .prepare("delete from thumbnail where event_id = (select id from event where uuid = ?)")
              .run(row.uuid),
          );
        },
      });
    }
  });
  return steps;
}
