import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { Checkpoints } from "../../src/store/checkpoints.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";

test("the log is folded in beside the writer, is short again, and loses nothing; a reader only delays it", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  const database = openForWriting(stateDir);
  const checkpoints = new Checkpoints({ database, clock: systemClock, log: createLogger("test", "silent") });
  try {
    checkpoints.start();
    const logBytes = () => statSync(`${database.name}-wal`).size;
    database.exec("create table filling (id integer primary key, bytes blob)");
    const fill = database.prepare("insert into filling (bytes) values (zeroblob(500000))");
    const reader = openForReading(stateDir);
    reader.exec("begin");
    reader.prepare("select count(*) from filling").get();
    for (let row = 0; row < 20; row++) {
      fill.run();
    }
    assert.ok(logBytes() > 9_000_000);
    await waitUntil("a try beside the reader", () => checkpoints.done > 0, 60_000);
    fill.run();
    assert.ok(logBytes() > 9_000_000, "what a reader may still want stays");
    reader.exec("rollback");
    reader.close();
    const before = checkpoints.done;
    await waitUntil("another", () => checkpoints.done > before + 1, 60_000);
    fill.run(); // the log begins anew with this row
    assert.ok(logBytes() <= 1_100_000, `${logBytes()} bytes`);
    assert.equal((database.prepare("select count(*) as rows from filling").get() as { rows: number }).rows, 22);
  } finally {
    await checkpoints.stop();
    database.close();
    rmSync(stateDir, { recursive: true });
  }
});
