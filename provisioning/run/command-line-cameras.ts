/**
 * Remembers which cameras command lines brought, in a file of the home: only these are switched off when a later one does not name
 * them. Cameras that somebody registered stay as they are.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Ids of the cameras to switch off: on, brought by an earlier command line, and not named by this one. Pure. */
export function camerasLeftOut(
  known: readonly { readonly id: string; readonly enabled: boolean }[],
  brought: readonly string[],
  named: readonly string[],
): string[] {
  return known.filter(({ id, enabled }) => enabled && brought.includes(id) && !named.includes(id)).map(({ id }) => id);
}

/** Ids of cameras that earlier command lines of a home brought; none where nobody wrote them down, or only half. */
export function camerasBrought(homeDirectory: string): string[] {
  try {
    const ids: unknown = JSON.parse(readFileSync(fileOf(homeDirectory), "utf8"));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return []; // the first start, or a file torn by a power cut: a camera too many waits, none is switched off by mistake
  }
}

/** Adds those of this command line. */
export function rememberCameras(homeDirectory: string, ids: readonly string[]): void {
  const all = [...new Set([...camerasBrought(homeDirectory), ...ids])].sort();
  writeFileSync(`${fileOf(homeDirectory)}.new`, `${JSON.stringify(all)}\n`);
  renameSync(`${fileOf(homeDirectory)}.new`, fileOf(homeDirectory));
}

function fileOf(homeDirectory: string): string {
  return join(homeDirectory, "state/command-line-cameras.json");
}
