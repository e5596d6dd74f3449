/** Shows what the disk of the power cuts does: what was synced is there after a cut, whatever the style; what was not is lost, torn or kept as the style says. */
import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CUT_STYLES, type CutStyle, ForgetfulDisk } from "./forgetful-disk.ts";

const DISK_BYTES = 48 * 1024 * 1024;
const FILES = 40;
/** 37 sectors and some bytes. */
const FILE_BYTES = 19_000;

/** A file's bytes, told apart by its number and the disk's age. */
function contentOf(file: number, age: number): Buffer {
  return Buffer.alloc(FILE_BYTES, `file ${file} age ${age};`);
}

/** Writes a file; makes it and its name durable if said. */
function write(path: string, bytes: Buffer, isSynced: boolean): void {
  const handle = openSync(path, "w");
  try {
    writeSync(handle, bytes);
    if (isSynced) {
      fsyncSync(handle);
    }
  } finally {
    closeSync(handle);
  }
}

/** Writes sectors to the disk itself, past any file system, over one that was synced; cuts; returns how many of the new ones are there. */
async function rawSurvivors(disk: ForgetfulDisk, style: CutStyle, seed: number): Promise<number> {
  const sectors = 64;
  const handle = openSync(disk.file, "r+");
  const at = DISK_BYTES / 2;
  writeSync(handle, Buffer.alloc(512 * sectors, "old"), 0, 512 * sectors, at);
  fsyncSync(handle);
  for (let sector = 0; sector < sectors; sector += 8) {
    writeSync(handle, Buffer.alloc(512 * 8, "new"), 0, 512 * 8, at + sector * 512);
  }
  await disk.cut(style, seed);
  assert.throws(() => fsyncSync(handle), /EIO/);
  await disk.power();
  closeSync(handle);
  const after = readFileSync(disk.file).subarray(at, at + 512 * sectors);
  const states = Array.from({ length: sectors }, (_, index) => after.subarray(index * 512, (index + 1) * 512));
  const count = states.filter((bytes) => /new/.test(bytes.toString())).length;
  assert.equal(count + states.filter((bytes) => /old/.test(bytes.toString())).length, sectors);
  return count;
}

const root = mkdtempSync(join(tmpdir(), "ltn-disk-"));
const directory = join(root, "mounted");
mkdirSync(directory);
try {
  await using disk = await ForgetfulDisk.make(root, DISK_BYTES);
  assert.equal(await rawSurvivors(disk, "none", 1), 0);
  assert.equal(await rawSurvivors(disk, "all", 1), 64);
  const some = [];
  for (const style of ["prefix", "suffix", "writes", "sectors"] as const) {
    const counts = [];
    for (let seed = 1; seed <= 8; seed++) {
      counts.push(await rawSurvivors(disk, style, seed));
    }
    assert.ok(new Set(counts).size > 2, `${style} keeps as many each time: ${counts}`);
    assert.equal(
      counts.every((count) => count % 8 === 0),
      style === "writes",
      `${style}: ${counts}`,
    );
    some.push(`${style} ${counts}`);
  }
  process.stdout.write(`of 64 sectors survived: ${some.join("; ")}\n`);

  let lost = 0;
  let age = 0;
  for (const style of CUT_STYLES) {
    age += 1;
    await disk.mount(directory);
    for (let file = 0; file < FILES; file++) {
      write(join(directory, `synced-${file}`), contentOf(file, age), true);
      write(join(directory, `unsynced-${file}-${age}`), contentOf(file, age), false);
    }
    await disk.cut(style, age);
    assert.throws(() => write(join(directory, "late"), contentOf(0, 0), true), /EIO|EROFS/);
    await disk.unmount();
    await disk.power();
    await disk.mount(directory);
    for (let file = 0; file < FILES; file++) {
      assert.ok(
        readFileSync(join(directory, `synced-${file}`)).equals(contentOf(file, age)),
        `synced-${file} ${style}`,
      );
      const unsynced = join(directory, `unsynced-${file}-${age}`);
      lost += existsSync(unsynced) && readFileSync(unsynced).equals(contentOf(file, age)) ? 0 : 1;
    }
    assert.equal(existsSync(join(directory, "late")), false);
    await disk.unmount();
  }
  // ext4 writes data when it has time to (delayed allocation): some may have reached the disk, and been synced with its neighbours.
  assert.ok(lost > (FILES * CUT_STYLES.length) / 2, `only ${lost} of ${FILES * CUT_STYLES.length} files were lost`);
  process.stdout.write(`without fsync ${lost} of ${FILES * CUT_STYLES.length} files were lost, with fsync none\n`);
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
