/** S6: every embedding belongs to an event and is as long as its model's are. */
import type { Database } from "better-sqlite3";
import type { Findings } from "./findings.ts";

/** Rows named in a fault; the rest is counted. */
const ROWS_NAMED = 3;

/** An embedding that breaks S6, and how. */
export interface WrongEmbedding {
  readonly id: number;
  readonly detail: string;
}

/** Counts embeddings, and names those that break S6. */
export function checkEmbeddings(database: Database, findings: Findings): void {
  const { rows } = database.prepare("select count(*) as rows from embedding").get() as { rows: number };
  findings.counts.embeddings += rows;
  const wrong = wrongEmbeddings(database);
  for (const { id, detail } of wrong.slice(0, ROWS_NAMED)) {
    findings.fault("S6", `embedding ${id}`, detail);
  }
  if (wrong.length > ROWS_NAMED) {
    findings.fault("S6", "embedding", `${wrong.length - ROWS_NAMED} more`);
  }
}

/** Reads every embedding's length, and whether its event and its model are there. */
export function wrongEmbeddings(database: Database): WrongEmbedding[] {
  return database
    .prepare<[], { id: number; eventId: number; bytes: number; dims: number | null; isEvent: 0 | 1 }>(
      `select embedding.id, event_id as eventId, length(vector) as bytes, dims, event.id is not null as isEvent
       from embedding left join embedding_model on embedding_model.id = model_id left join event on event.id = event_id
       where event.id is null or dims is null or length(vector) <> dims`,
    )
    .all()
    .map(({ id, eventId, bytes, dims, isEvent }) => ({
      id,
      detail: isEvent === 0 ? `its event ${eventId} is not there` : `${bytes} values, its model has ${dims}`,
    }));
}
