/** Results rings as the house wants them: through all incarnations, oldest record first. */
import type { Clock } from "@lanthorn/base";
import { followByteRing, RECORD_TYPES } from "@lanthorn/rings";
import type { FollowResults } from "./house.ts";

/** Makes the follower of real rings. */
export function resultsRings(clock: Clock): FollowResults {
  return (name, signal, onRecord, onLost) =>
    followByteRing({
      name,
      clock,
      signal,
      from: "oldest",
      onRecord: ({ meta, payload }) => {
        if (meta.type === RECORD_TYPES.result || meta.type === RECORD_TYPES.snapshot) {
          const kind = meta.type === RECORD_TYPES.result ? "result" : "snapshot";
          onRecord({ kind, captureMonoNs: meta.captureMonoNs, arrivalMonoNs: meta.arrivalMonoNs, payload });
        }
      },
      onGap: ({ records }) => {
        if (records > 0) {
          onLost(records);
        }
      },
    });
}
