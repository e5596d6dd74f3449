/** Plays files of an archive as any player would: ffmpeg decodes every picture and every sound, and must not complain. Each once, until it changes. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { walkSegment } from "../../src/mp4/walk.ts";
import { withBytes } from "./recording-on-disk.ts";

/** Files that one process plays: most of the time of a short file is starting it. */
const FILES_AT_ONCE = 8;

/** What of a file is played. */
interface Playable {
  readonly file: string;
  /** The file itself, or as much of it as was whole. */
  readonly played: string;
  /** Length and time of the last change. */
  readonly state: string;
}

/** Remembers what was played. Owner: dispose of it; that removes its copies. */
export class PlayedFiles {
  /** Files played so far; one that has changed counts again. */
  count = 0;
  readonly #played = new Map<string, string>();
  readonly #copies = mkdtempSync(join(tmpdir(), "ltn-played-"));

  /**
   * Plays those that are new or have changed. A file that is being written is played up to its last whole fragment, as a copy: what is
   * written at this very moment is no fault of it. Where nothing is being written, every file is played as it is. Returns complaints.
   */
  async play(files: readonly string[], isBeingWritten: boolean): Promise<string[]> {
    const playables: Playable[] = [];
    for (const file of files) {
      const playable = await this.#playableOf(file, isBeingWritten);
      if (playable !== undefined) {
        playables.push(playable);
      }
    }
    const complaints: string[] = [];
    for (let at = 0; at < playables.length; at += FILES_AT_ONCE) {
      complaints.push(...(await this.#playAtOnce(playables.slice(at, at + FILES_AT_ONCE))));
    }
    return complaints;
  }

  /** Undefined for a file that was played, was deleted meanwhile, or has no whole fragment yet. */
  async #playableOf(file: string, isBeingWritten: boolean): Promise<Playable | undefined> {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    const state = `${stat?.size} ${stat?.mtimeNs}`;
    if (stat === undefined || this.#played.get(file) === state) {
      return undefined;
    }
    if (!isBeingWritten) {
      return { file, played: file, state };
    }
    return await withBytes(file, Number(stat.size), async (source) => {
      const { fragments, keys, mediaBytes } = await walkSegment(source);
      if (fragments.length === 0) {
        return undefined;
      }
      if (keys !== undefined || mediaBytes === source.bytes) {
        return { file, played: file, state };
      }
      const played = join(this.#copies, basename(file));
      writeFileSync(played, await source.read(0, mediaBytes));
      return { file, played, state };
    });
  }

  async #playAtOnce(playables: readonly Playable[]): Promise<string[]> {
    const said = await decode(playables.map(({ played }) => played));
    this.count += playables.length;
    const complaints: string[] = [];
    for (const { file, played, state } of playables) {
      const own = said === "" ? "" : await decode([played]);
      // Retention deletes while files are played; only what is there still can be judged.
      if (own !== "" && statSync(file, { throwIfNoEntry: false }) !== undefined) {
        complaints.push(`${file}: ${own.slice(0, 500)}`);
      }
      this.#played.set(file, state);
      if (played !== file) {
        rmSync(played);
      }
    }
    return complaints;
  }

  [Symbol.dispose](): void {
    rmSync(this.#copies, { recursive: true, force: true });
  }
}

/** What ffmpeg says while it decodes files to their ends; empty when nothing. */
async function decode(files: readonly string[]): Promise<string> {
  const inputs = files.flatMap((file) => ["-threads", "1", "-i", file]);
  const outputs = files.flatMap((_, index) => ["-map", String(index), "-f", "null", "-"]);
  try {
    const { stderr } = await promisify(execFile)("ffmpeg", [
      ...["-nostdin", "-v", "error", "-xerror"],
      ...inputs,
      ...outputs,
    ]);
    return stderr.trim();
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return stderr?.trim() || message;
  }
}
