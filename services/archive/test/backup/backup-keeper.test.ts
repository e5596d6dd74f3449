import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Clock, systemClock, wallUs } from "@lanthorn/base";
import { BackupKeeper } from "../../src/backup/backup-keeper.ts";
import { openForWriting } from "../../src/store/database.ts";

let stateDir: string;
before(() => {
  stateDir = mkdtempSync(join(tmpdir(), "lanthorn-keeper-"));
  openForWriting(stateDir).close();
});
after(() => {
  rmSync(stateDir, { recursive: true });
});

/** A keeper whose clock stands where the test puts it, and looks when the test says. */
function keeperAt(options: { keep?: number; hasRoom?: boolean } = {}) {
  let nowUs = 0;
  const looks: (() => void | Promise<void>)[] = [];
  const clock: Clock = {
    ...systemClock,
    wallUs: () => wallUs(nowUs),
    every: (_periodMs, look) => {
      looks.push(look);
      return () => {};
    },
  };
  const log = { error: () => {}, info: () => {}, warn: () => {} } as unknown as ConstructorParameters<
    typeof BackupKeeper
  >[0]["log"];
  const { keep = 2, hasRoom = true } = options;
  const keeper = new BackupKeeper({ stateDir, clock, log, keep, hour: 3, admit: async () => hasRoom });
  keeper.start();
  const lookAt = async (day: number, hour: number) => {
    nowUs = new Date(2026, 0, day, hour, 30).getTime() * 1000;
    for (const look of looks) {
      await look();
    }
    return keeper.list().length;
  };
  return { keeper, lookAt };
}

test("one is made each night at its hour, whatever is asked in between, and the newest stay", async () => {
  const { keeper, lookAt } = keeperAt();
  assert.equal(await lookAt(5, 12), 1, "the first at once");
  assert.equal(await lookAt(5, 23), 1);
  assert.equal(await lookAt(6, 2), 1);
  assert.equal(await lookAt(6, 3), 2);
  assert.equal(await lookAt(6, 4), 2);
  assert.equal(await lookAt(7, 3), 2);
  const days = keeper.list().map(({ madeWallUs }) => new Date(madeWallUs / 1000).getDate());
  assert.deepEqual(days, [6, 7]);
  assert.equal(keeper.fault, undefined);
  await keeper.stop();
});

test("without room none is made, and the fault is told until one can be made", async () => {
  rmSync(join(stateDir, "backups"), { recursive: true, force: true });
  const { keeper, lookAt } = keeperAt({ hasRoom: false });
  assert.equal(await lookAt(5, 12), 0);
  assert.match(keeper.fault ?? "", /No room/);
  await assert.rejects(keeper.make(), { code: "ARCHIVE_BACKUP_NO_ROOM" });
  assert.deepEqual(readdirSync(join(stateDir, "backups")), []);
  const more = keeperAt();
  assert.equal(await more.lookAt(5, 12), 1);
  assert.equal(more.keeper.fault, undefined);
});

test("with backup.keep = 0 none is made by itself", async () => {
  rmSync(join(stateDir, "backups"), { recursive: true, force: true });
  const { lookAt } = keeperAt({ keep: 0 });
  assert.equal(await lookAt(5, 12), 0);
  assert.equal(existsSync(join(stateDir, "backups")), false);
});
