/** When a backup is due, what it is called, and which old ones go. Pure. */
import { join } from "node:path";
import { isoTime } from "@lanthorn/base";

const NAME = /^archive-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)\.db$/;

/** Where the service's own backups lie. */
export function backupsDirOf(stateDir: string): string {
  return join(stateDir, "backups");
}

/** The name of a backup made at an instant (UTC). */
export function backupNameOf(nowUs: number): string {
  return `archive-${isoTime(nowUs).slice(0, 19).replaceAll(":", "-")}.db`;
}

/** When a backup was made, by its name; undefined for other files. Microseconds. */
export function backupTimeOf(name: string): number | undefined {
  const match = NAME.exec(name);
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`);
  return Number.isNaN(ms) ? undefined : ms * 1000;
}

/** Whether none of the backups was made since the hour (local time of the box) last struck. */
export function isBackupDue(names: readonly string[], nowUs: number, hour: number): boolean {
  const struck = new Date(nowUs / 1000);
  struck.setHours(hour, 0, 0, 0);
  if (struck.getTime() * 1000 > nowUs) {
    struck.setDate(struck.getDate() - 1);
  }
  return !names.some((name) => (backupTimeOf(name) ?? 0) >= struck.getTime() * 1000);
}

/** Backups to delete so that the newest `keep` stay. Other files are none of ours. */
export function backupsToDelete(names: readonly string[], keep: number): string[] {
  const ours = names.filter((name) => backupTimeOf(name) !== undefined).toSorted();
  return ours.slice(0, Math.max(0, ours.length - keep));
}
