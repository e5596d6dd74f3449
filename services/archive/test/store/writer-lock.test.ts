import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lockArchive } from "../../src/store/writer-lock.ts";

const MODULE = new URL("../../src/store/writer-lock.ts", import.meta.url).href;

test("one at a time holds the lock, in one process or in several, and a kill lets it go", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lanthorn-lock-"));
  try {
    const lock = lockArchive(stateDir, 0);
    assert.throws(() => lockArchive(stateDir, 0), { code: "ARCHIVE_IN_USE" });
    lock.release();
    const program = `import { lockArchive } from ${JSON.stringify(MODULE)}; lockArchive(process.argv[1], 0); console.log("held"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, stateDir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    assert.throws(() => lockArchive(stateDir, 0), { code: "ARCHIVE_IN_USE" });
    child.kill("SIGKILL");
    await once(child, "exit");
    lockArchive(stateDir, 60_000).release();
    assert.throws(() => lockArchive(join(stateDir, "nowhere"), 0), { code: "ARCHIVE_STATE_MISSING" });
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});
