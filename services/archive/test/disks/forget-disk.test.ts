import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CameraId } from "@lanthorn/contract";
import { REPOSITORY_ROOT } from "@lanthorn/testing";
import { writeDiskUuid } from "../../src/disks/disk-identity.ts";
import { forgetDisk, listDisks } from "../../src/disks/forget-disk.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { lockArchive } from "../../src/store/writer-lock.ts";
import { START_US } from "../support/made-packets.ts";

const MINUTE_US = 60e6;

/** Six minutes of a camera, of which the third to fifth lie on another disk, and a camera with nothing but on that disk. */
class Scene implements Disposable {
  readonly stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  readonly directory = join(this.stateDir, "elsewhere");

  constructor() {
    const store = makeStore(openForWriting(this.stateDir));
    const facts = {
      duration90k: 5_400_000,
      headerBytes: 10,
      mediaBytes: 900,
      fileBytes: 1000,
      fragments: 60,
      keyFragments: 60,
    };
    store.transaction(() => {
      const other = store.disks.add("uuid-other", this.directory);
      store.disks.setState(other, "missing");
      const init = { codecs: "avc1", widthPx: 1, heightPx: 1, hasAudio: false };
      const initSegmentId = store.cameras.ensureInit(Buffer.from("init"), init);
      const add = (camera: string, minute: number, disk: number) => {
        const startWallUs = START_US + minute * MINUTE_US;
        const cameraRow = store.cameras.ensure(CameraId.parse(camera));
        const id = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0, disk });
        store.segments.close({ ...facts, id, endWallUs: startWallUs + MINUTE_US });
      };
      for (let minute = 0; minute < 6; minute++) {
        add("street", minute, minute >= 2 && minute < 5 ? other : 1);
      }
      add("yard", 0, other);
      for (const camera of ["street", "yard"]) {
        const minutes = camera === "street" ? 6 : 1;
        store.gaps.begin(store.cameras.find(camera) ?? -1, START_US + minutes * MINUTE_US, "camera-disconnected");
      }
    });
    store.database.close();
  }

  read<Result>(look: (store: ReturnType<typeof makeStore>) => Result): Result {
    const store = makeStore(openForReading(this.stateDir));
    try {
      return look(store);
    } finally {
      store.database.close();
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.stateDir, { recursive: true });
  }
}

test("a disk that will not come back is forgotten: its recordings are a gap that says so, everything else stays", async () => {
  using scene = new Scene();
  const [, other] = await listDisks(scene.stateDir);
  assert.deepEqual([other?.uuid, other?.isThere, other?.segments, other?.bytes], ["uuid-other", false, 4, 4000]);
  const forgotten = await forgetDisk(scene.stateDir, "uuid-other", scene.directory);
  assert.equal(forgotten.segments, 4);
  assert.equal((await listDisks(scene.stateDir)).length, 1);
  scene.read(({ segments, gaps, cameras, retention, database }) => {
    const street = cameras.find("street") ?? -1;
    assert.equal(segments.inInterval(street, 0, Number.MAX_SAFE_INTEGER).length, 3);
    assert.deepEqual(retention.spansAway(street, 0, Number.MAX_SAFE_INTEGER), []);
    const told = gaps.inInterval(street, 0, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      told.map(({ startWallUs, endWallUs, cause }) => [startWallUs, endWallUs, cause]),
      [
        [START_US + 2 * MINUTE_US, START_US + 5 * MINUTE_US, "file-lost"],
        [START_US + 6 * MINUTE_US, null, "camera-disconnected"],
      ],
    );
    assert.equal(segments.inInterval(cameras.find("yard") ?? -1, 0, Number.MAX_SAFE_INTEGER).length, 0);
    assert.deepEqual(database.pragma("foreign_key_check"), []);
  });
});

test("nothing is forgotten unless the disk is known, gone, and named by its directory, and the service is stopped", async () => {
  using scene = new Scene();
  const before = scene.read(({ database }) => database.prepare("select count(*) as rows from segment").get());
  const { stateDir, directory } = scene;
  await assert.rejects(forgetDisk(stateDir, "uuid-othre", directory), {
    code: "ARCHIVE_DISK_UNKNOWN",
    message: /uuid-other/,
  });
  for (const confirm of [undefined, "", `${directory}/`, "yes"]) {
    await assert.rejects(forgetDisk(stateDir, "uuid-other", confirm), {
      code: "ARCHIVE_DISK_UNCONFIRMED",
      message: new RegExp(`4 recordings \\(4000 bytes\\).*--confirm ${directory}$`),
    });
  }
  const [state] = await listDisks(stateDir);
  await assert.rejects(forgetDisk(stateDir, state?.uuid ?? "", state?.directory), { code: "ARCHIVE_DISK_NOT_GONE" });
  mkdirSync(directory);
  await writeDiskUuid(directory, "uuid-other");
  await assert.rejects(forgetDisk(stateDir, "uuid-other", directory), { code: "ARCHIVE_DISK_NOT_GONE" });
  rmSync(directory, { recursive: true });
  const lock = lockArchive(stateDir, 0);
  await assert.rejects(forgetDisk(stateDir, "uuid-other", directory), { code: "ARCHIVE_IN_USE" });
  lock.release();
  assert.deepEqual(
    scene.read(({ database }) => database.prepare("select count(*) as rows from segment").get()),
    before,
  );
});

test("the command lists disks, asks for the disk's name, and forgets it", () => {
  using scene = new Scene();
  const run = (...words: string[]) => {
    const main = join(REPOSITORY_ROOT, "services/archive/archive-main.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words, "--state", scene.stateDir], {
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };
  assert.match(run("disks").said, /uuid-other \S+elsewhere: NOT THERE, 4 recordings, 4000 bytes/);
  const asked = run("disks", "forget", "uuid-other");
  assert.deepEqual([asked.status, /--confirm/.test(asked.said)], [64, true]);
  assert.match(
    run("disks", "forget", "uuid-other", "--confirm", scene.directory).said,
    /Forgot the disk uuid-other .* its 4 recordings/,
  );
  assert.doesNotMatch(run("disks").said, /uuid-other/);
});
