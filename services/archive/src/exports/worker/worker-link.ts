/** The worker's side of the channel to the archive. */
import { writeFile } from "node:fs/promises";
import { toLanthornError } from "@lanthorn/base";
import { archiveErrors } from "../../error-codes.ts";
import { runExport } from "./export-job.ts";
import type { FromWorker, ToWorker } from "./job-messages.ts";

/** Waits for a job, does it, tells how it ended. */
export async function runWorker(): Promise<void> {
  process.on("disconnect", () => process.exit(0)); // whoever asked is gone; the next start goes on
  const rooms: ((granted: boolean) => void)[] = [];
  let bytes = 0;
  const job = await new Promise<Extract<ToWorker, { type: "job" }>["job"]>((resolve) => {
    process.on("message", (message: ToWorker) => {
      if (message.type === "job") {
        resolve(message.job);
      } else {
        rooms.shift()?.(message.granted);
      }
    });
  });
  await writeFile("/proc/self/oom_score_adj", "900").catch(() => {}); // when memory is short, workers and encoders go first
  try {
    const files = await runExport(job, {
      askRoom: async (wanted) => {
        const granted = new Promise<boolean>((resolve) => rooms.push(resolve));
        await tell({ type: "need-room", bytes: wanted });
        if (!(await granted)) {
          throw archiveErrors.make("ARCHIVE_EXPORT_DISK_FULL", { bytes: wanted });
        }
        bytes += wanted;
      },
      progress: (progress01, isDurable) => tell({ type: "progress", progress01, bytes, isDurable }),
    });
    await tell({ type: "done", files });
  } catch (thrown) {
    await tell(endingOf(thrown));
  }
  process.disconnect();
}

/** What a fault is called: the file system's "no space" is the same as no room. */
function endingOf(thrown: unknown): FromWorker {
  const isFull = ["ENOSPC", "EDQUOT"].includes((thrown as NodeJS.ErrnoException).code ?? "");
  const error = isFull ? archiveErrors.make("ARCHIVE_EXPORT_DISK_FULL", { bytes: 1 }, thrown) : toLanthornError(thrown);
  const { code, message } = error;
  return { type: "failed", code, message };
}

function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}
