import assert from "node:assert/strict";
import { test } from "node:test";
import { backupNameOf, backupsToDelete, backupTimeOf, isBackupDue } from "../../src/backup/backup-plan.ts";

const localUs = (day: number, hour: number) => new Date(2026, 0, day, hour, 30).getTime() * 1000;

test("a name tells when a backup was made, and nothing else is taken for one", () => {
  const name = backupNameOf(1_767_225_600_000_000);
  assert.equal(name, "archive-2026-01-01T00-00-00.db");
  assert.equal(backupTimeOf(name), 1_767_225_600_000_000);
  for (const other of ["mine.db", "archive-2026-01-01.db", `${name}.making`, "archive-2026-13-41T00-00-00.db"]) {
    assert.equal(backupTimeOf(other), undefined);
  }
});

test("one is due when none was made since the hour last struck", () => {
  assert.equal(isBackupDue([], localUs(5, 12), 3), true);
  const names = [backupNameOf(localUs(5, 3))];
  assert.equal(isBackupDue(names, localUs(5, 12), 3), false);
  assert.equal(isBackupDue(names, localUs(6, 2), 3), false);
  assert.equal(isBackupDue(names, localUs(6, 3), 3), true);
});

test("the oldest go, and other people's files stay", () => {
  const names = [3, 1, 2].map((day) => backupNameOf(localUs(day, 3)));
  assert.deepEqual(backupsToDelete([...names, "mine.db"], 2), [backupNameOf(localUs(1, 3))]);
  assert.deepEqual(backupsToDelete(names, 5), []);
});
