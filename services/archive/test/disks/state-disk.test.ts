import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, type LanthornError } from "@lanthorn/base";
import { FakeClock } from "@lanthorn/testing";
import { requireStateDisk, StateDisk } from "../../src/disks/state-disk.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore, type Store } from "../../src/store/store.ts";

/** A state directory with an open archive, whose transactions can be made to fail. */
class WatchedArchive implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "lanthorn-state-disk-"));
  readonly paths = { stateDir: join(this.root, "state"), runDir: join(this.root, "run") };
  readonly clock = new FakeClock();
  readonly failures: LanthornError[] = [];
  readonly disk: StateDisk;
  readonly store: Store;
  readonly #own: Store;
  refusal: string | undefined;

  constructor() {
    for (const directory of Object.values(this.paths)) {
      mkdirSync(directory);
    }
    this.#own = makeStore(openForWriting(this.paths.stateDir));
    this.disk = new StateDisk({
      ...this.paths,
      clock: this.clock,
      log: createLogger("test", "silent"),
      fail: (error) => this.failures.push(error as LanthornError),
    });
    this.store = this.disk.watching({
      ...this.#own,
      transaction: (run) => {
        if (this.refusal !== undefined) {
          throw Object.assign(new TypeError("disk I/O error"), { code: this.refusal });
        }
        return this.#own.transaction(run);
      },
    });
  }

  /** Asks the database for something that it refuses. */
  refuse(code: string): void {
    this.refusal = code;
    assert.throws(() => this.store.transaction(() => {}), { code });
  }

  get codes(): string[] {
    return this.failures.map(({ code }) => code);
  }

  [Symbol.dispose](): void {
    this.#own.database.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

test("a database that refuses rows though its disk takes files again ends the service; not before two seconds of it", async () => {
  for (const code of ["SQLITE_IOERR_WRITE", "SQLITE_READONLY", "SQLITE_CANTOPEN"]) {
    using archive = new WatchedArchive();
    archive.refuse(code);
    assert.match(archive.disk.fault ?? "", /disk I\/O error/);
    await archive.disk.look();
    await archive.clock.advance(1900);
    await archive.disk.look();
    assert.deepEqual(archive.codes, []);
    await archive.clock.advance(200);
    await archive.disk.look();
    assert.deepEqual(archive.codes, ["ARCHIVE_STATE_DISK_RETURNED"]);
    assert.deepEqual(
      readdirSync(archive.paths.stateDir).filter((name) => name.includes("probe")),
      [],
    );
  }
});

test("a database that takes rows again, or is only locked or full, ends nothing", async () => {
  using archive = new WatchedArchive();
  archive.refuse("SQLITE_IOERR_FSYNC");
  await archive.disk.look();
  archive.refusal = undefined;
  await archive.clock.advance(5000);
  await archive.disk.look();
  assert.equal(archive.disk.fault, undefined);
  for (const code of ["SQLITE_BUSY", "SQLITE_FULL"]) {
    archive.refuse(code);
    assert.equal(archive.disk.fault, undefined);
    await archive.disk.look();
    await archive.clock.advance(5000);
    await archive.disk.look();
  }
  assert.deepEqual(archive.codes, []);
});

test("where another archive.db lies than the one that was opened the service ends, and what a lost disk laid bare is not taken for it", async () => {
  using archive = new WatchedArchive();
  const { runDir, stateDir } = archive.paths;
  const away = join(archive.root, "away");
  await archive.disk.look();
  assert.deepEqual(archive.codes, []);
  renameSync(stateDir, away);
  mkdirSync(stateDir); // what lies below a mount
  await archive.disk.look();
  assert.deepEqual(archive.codes, ["ARCHIVE_STATE_DISK_CHANGED"]);
  assert.throws(() => requireStateDisk(archive.paths), { code: "ARCHIVE_STATE_DISK_AWAITED" });
  rmSync(stateDir, { recursive: true });
  renameSync(away, stateDir);
  requireStateDisk(archive.paths);
  assert.equal(existsSync(join(runDir, "archive-awaits-disk")), false);
});

test("a database that somebody deleted is no lost disk: the next start makes a new one", async () => {
  using archive = new WatchedArchive();
  rmSync(join(archive.paths.stateDir, "archive.db"));
  await archive.disk.look();
  assert.deepEqual(archive.codes, ["ARCHIVE_STATE_DISK_CHANGED"]);
  requireStateDisk(archive.paths);
  writeFileSync(join(archive.paths.stateDir, "archive.db"), "");
});
