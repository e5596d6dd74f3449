/** Every recording. */
import { frameRecordings } from "./frames.ts";
import type { Recording } from "./recording.ts";
import { recordRecordings } from "./records.ts";
import { refusedRecordings } from "./refused.ts";

/** Records all rings with today's writer; the same bytes in every run. */
export function allRecordings(): Recording[] {
  return [...frameRecordings(), ...recordRecordings(), ...refusedRecordings()];
}
