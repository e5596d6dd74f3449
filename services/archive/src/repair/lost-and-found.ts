/** Where repairs move files to: nothing is unlinked. One directory a run, on the same disk, with the path the file had. */
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { isoTime } from "@lanthorn/base";
import { directoryTarget } from "../recording/durable-file.ts";
import { type DiskRow, STATE_DISK } from "../store/disk-table.ts";

/** Moves files away durably. */
export class LostAndFound {
  readonly #disks: readonly DiskRow[];
  readonly #stamp: string;

  constructor(disks: readonly DiskRow[], nowUs: number) {
    this.#disks = disks;
    this.#stamp = isoTime(nowUs).slice(0, 19).replaceAll(":", "-");
  }

  /** Where a file (or directory) would go. */
  placeOf(path: string): string {
    const disk = this.#disks.find(({ directory }) => path.startsWith(`${directory}/`));
    const root = disk?.directory ?? dirname(path);
    // The root of an ext4 disk has a lost+found of its own, which belongs to fsck.
    const name = disk === undefined || disk.id === STATE_DISK ? "lost+found" : "lanthorn-lost+found";
    let place = join(root, name, this.#stamp, relative(root, path));
    for (let count = 2; existsSync(place); count++) {
      place = join(root, name, `${this.#stamp}-${count}`, relative(root, path));
    }
    return place;
  }

  /** Moves it. */
  async take(path: string): Promise<void> {
    const place = this.placeOf(path);
    await mkdir(dirname(place), { recursive: true });
    await rename(path, place);
    await directoryTarget(dirname(place)).sync();
    await directoryTarget(dirname(path)).sync();
  }
}
