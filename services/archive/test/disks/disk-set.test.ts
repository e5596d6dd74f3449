import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { readDiskUuid } from "../../src/disks/disk-identity.ts";
import { DiskSet, type DiskWish } from "../../src/disks/disk-set.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore, type Store } from "../../src/store/store.ts";

const wish = (directory: string): DiskWish => ({ directory, maxBytes: 0, minFreeBytes: 0, cameras: [] });

/** A state directory, and a place on another file system. */
class Scene implements Disposable {
  readonly stateDir = mkdtempSync(join(tmpdir(), "lanthorn-"));
  readonly elsewhere = mkdtempSync("/dev/shm/lanthorn-test-disks-");
  readonly store: Store = makeStore(openForWriting(this.stateDir));
  readonly welcomed: string[] = [];

  /** On most machines /dev/shm is a file system of its own; without one there is nothing to test with. */
  get hasTwoFileSystems(): boolean {
    return statSync(this.stateDir).dev !== statSync(this.elsewhere).dev;
  }

  disk(name: string): string {
    const directory = join(this.elsewhere, name);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  async set(...directories: string[]): Promise<DiskSet> {
    const disks = new DiskSet({
      store: this.store,
      clock: systemClock,
      log: createLogger("test", "silent"),
      stateWish: wish(this.stateDir),
      wishes: directories.map(wish),
      welcome: async ({ directory }) => {
        this.welcomed.push(directory);
      },
    });
    await disks.look();
    return disks;
  }

  [Symbol.dispose](): void {
    this.store.database.close();
    rmSync(this.stateDir, { recursive: true });
    rmSync(this.elsewhere, { recursive: true });
  }
}

const SKIPPED = "SKIPPED: /dev/shm is no file system of its own here: disks were not tested";
const { hasTwoFileSystems } = (() => {
  using scene = new Scene();
  return { hasTwoFileSystems: scene.hasTwoFileSystems };
})();
const options = hasTwoFileSystems ? {} : { skip: SKIPPED };

test(
  "an empty disk becomes ours and gets its identity; it goes, comes back, and is welcomed before it is used",
  options,
  async () => {
    using scene = new Scene();
    const directory = scene.disk("one");
    const disks = await scene.set(directory);
    const uuid = await readDiskUuid(directory);
    assert.deepEqual(
      disks.list().map((disk) => [disk.id, disk.state]),
      [
        [1, "present"],
        [2, "present"],
      ],
    );
    assert.equal(disks.list()[1]?.uuid, uuid);
    await disks.require(2);
    renameSync(directory, `${directory}-pulled`);
    mkdirSync(directory); // the mount point stays
    await assert.rejects(disks.require(2), { code: "ARCHIVE_DISK_MISSING" });
    assert.deepEqual(
      disks.writable().map(({ id }) => id),
      [1],
    );
    await disks.look();
    assert.match(disks.faults().join(), /is missing/);
    assert.deepEqual(
      [readdirSync(directory), disks.list().length],
      [[], 2],
      "nothing is made of the empty mount point",
    );
    rmSync(directory, { recursive: true });
    renameSync(`${directory}-pulled`, directory);
    await disks.look();
    assert.deepEqual(scene.welcomed, [directory]);
    assert.deepEqual([disks.faults(), disks.writable().map(({ id }) => id)], [[], [1, 2]]);
  },
);

test(
  "a disk is its identity: mounted elsewhere it is the same one, and what lies at its old path is not it",
  options,
  async () => {
    using scene = new Scene();
    const before = scene.disk("before");
    await scene.set(before);
    renameSync(before, join(scene.elsewhere, "after"));
    const disks = await scene.set(join(scene.elsewhere, "after"));
    assert.deepEqual(
      disks.list().map(({ id, directory }) => [id, directory]),
      [
        [1, scene.stateDir],
        [2, join(scene.elsewhere, "after")],
      ],
    );
  },
);

test(
  "an unmounted disk's empty mount point is never made a disk: it lies on the file system of another",
  options,
  async () => {
    using scene = new Scene();
    const mountPoint = join(scene.stateDir, "mnt");
    mkdirSync(mountPoint);
    const disks = await scene.set(mountPoint, join(scene.stateDir, "nowhere"));
    assert.deepEqual(readdirSync(mountPoint), []);
    assert.equal(existsSync(join(scene.stateDir, "nowhere")), false);
    assert.match(disks.faults().join(), /file system.*no such directory/);
    assert.deepEqual(
      disks.writable().map(({ id }) => id),
      [1],
    );
  },
);

test(
  "recordings without identity are not taken for an empty disk, and an identity that is none is none",
  options,
  async () => {
    using scene = new Scene();
    const directory = scene.disk("lost");
    mkdirSync(join(directory, "recordings"));
    for (const text of ["", "{", "[]", '{"uuid":7}', '{"uuid":""}', "x".repeat(100_000)]) {
      writeFileSync(join(directory, "lanthorn-disk.json"), text);
      assert.equal(await readDiskUuid(directory), undefined);
    }
    const disks = await scene.set(directory);
    assert.match(disks.faults().join(), /no identity file/);
  },
);

test(
  "a disk that is not wished for any more keeps what lies on it, takes nothing new, and is no fault when it goes",
  options,
  async () => {
    using scene = new Scene();
    const directory = scene.disk("old");
    await scene.set(directory);
    const disks = await scene.set();
    assert.deepEqual(
      disks.list().map(({ state }) => state),
      ["present", "present"],
    );
    assert.deepEqual(
      disks.writable().map(({ id }) => id),
      [1],
    );
    rmSync(directory, { recursive: true });
    await disks.look();
    assert.deepEqual([disks.list()[1]?.state, disks.faults()], ["missing", []]);
  },
);

test(
  "a disk that refused a write is avoided while there is another, and used when there is none",
  options,
  async () => {
    using scene = new Scene();
    const disks = await scene.set(scene.disk("one"));
    disks.suspect(2);
    assert.deepEqual(
      disks.writable().map(({ id }) => id),
      [1],
    );
    disks.suspect(1);
    assert.deepEqual(
      disks.writable().map(({ id }) => id),
      [1, 2],
    );
  },
);
