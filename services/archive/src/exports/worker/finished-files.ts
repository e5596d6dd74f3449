/** Which files of an unfinished export are whole already: a journal in the work folder, so that a restart does not make them again. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ScannedFootage } from "../footage/scan-footage.ts";
import type { ExportJob } from "./job-messages.ts";
import { type AskRoom, type FileDigest, writeWhole } from "./part-file.ts";

const JOURNAL_NAME = "finished.json";

/** What a file is made of, in one word: if any of it changes, the file must be made anew. */
export function makingOf(job: ExportJob, footage: ScannedFootage, name: string): string {
  const used = footage.used.map(({ segment, startOffset, sha256 }) => [segment.id, startOffset, sha256]);
  return createHash("sha256")
    .update(JSON.stringify([job.mode, job.options, job.fromUs, job.toUs, name, used]))
    .digest("hex");
}

/** The journal of one export. */
export class FinishedFiles {
  readonly #exportDir: string;
  readonly #workDir: string;
  readonly #askRoom: AskRoom;
  readonly #known = new Map<string, FileDigest>();

  constructor(folders: { exportDir: string; workDir: string }, askRoom: AskRoom) {
    this.#exportDir = folders.exportDir;
    this.#workDir = folders.workDir;
    this.#askRoom = askRoom;
  }

  /** Reads what an earlier attempt finished; a journal that cannot be read is as good as none. */
  async load(): Promise<void> {
    const text = await readFile(join(this.#workDir, JOURNAL_NAME), "utf8").catch(() => "[]");
    try {
      for (const [making, digest] of JSON.parse(text) as [string, FileDigest][]) {
        this.#known.set(making, digest);
      }
    } catch {
      this.#known.clear();
    }
  }

  /** A file that is whole, by what it is made of. */
  async find(making: string): Promise<FileDigest | undefined> {
    const digest = this.#known.get(making);
    const file = digest && (await stat(join(this.#exportDir, digest.name)).catch(() => undefined));
    return file?.size === digest?.bytes ? digest : undefined;
  }

  /** Remembers a file that has its name. A power cut before this only costs the making. */
  async add(making: string, digest: FileDigest): Promise<void> {
    this.#known.set(making, digest);
    await writeWhole(join(this.#workDir, JOURNAL_NAME), JSON.stringify([...this.#known]), this.#askRoom);
  }
}
