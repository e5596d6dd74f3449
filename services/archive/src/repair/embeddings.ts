/** --repair embeddings: those that belong to no event, or are of another length than their model's, are deleted; events stay, without one. */
import { wrongEmbeddings } from "../check/check-embeddings.ts";
import type { RepairContext, RepairStep } from "./repair-context.ts";

/** A step a row. */
export function repairEmbeddings({ store }: RepairContext): RepairStep[] {
  return wrongEmbeddings(store.database).map(({ id, detail }) => ({
    kind: "embeddings",
    what: `forget embedding ${id}: ${detail}`,
    apply: () => {
      store.transaction(() => store.database.prepare("delete from embedding where id = ?").run(id));
    },
  }));
}
