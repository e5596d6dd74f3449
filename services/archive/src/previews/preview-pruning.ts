/** Deletes the previews of days of which no footage is left. Source: docs/design/archive.md#previews. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { CameraId } from "@lanthorn/contract";
import { dayNumberOf } from "../recording/recording-paths.ts";
import { dayOfPreviewFile, previewsDirOf, startOfDayUs } from "./preview-paths.ts";

/** Deletes; returns how many files. Today's and yesterday's stay: pictures may wait for their footage. */
export async function prunePreviews(options: {
  readonly stateDir: string;
  readonly nowUs: number;
  readonly hasFootage: (camera: CameraId, fromUs: number, toUs: number) => boolean;
}): Promise<number> {
  const { hasFootage, nowUs, stateDir } = options;
  const root = previewsDirOf(stateDir);
  const today = dayNumberOf(nowUs);
  let deleted = 0;
  for (const name of await readdir(root).catch(() => [])) {
    const camera = CameraId.safeParse(name);
    if (!camera.success) {
      continue;
    }
    for (const file of await readdir(join(root, name)).catch(() => [])) {
      const day = dayOfPreviewFile(file);
      const isOver = day !== undefined && (day < today - 1 || day > today + 1); // days to come: the clock was wrong
      if (isOver && !hasFootage(camera.data, startOfDayUs(day), startOfDayUs(day + 1))) {
        await rm(join(root, name, file), { force: true });
        deleted += 1;
      }
    }
    await rmdir(join(root, name)).catch(() => {}); // not empty: there are days left
  }
  return deleted;
}
