/** Which disks a reindex reads, and what it keeps of those that are not there: rows are all that is known of their files. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readDiskUuid } from "../disks/disk-identity.ts";
import { parseInit } from "../mp4/init.ts";
import { recordingsDirOf, segmentFileOf, streamNameOf, streamOfName } from "../recording/recording-paths.ts";
import { STATE_DISK } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import type { NamedFile, RecordingRoot, StreamFiles } from "./recording-files.ts";
import type { AbsentSegment, OldDatabase } from "./salvage.ts";
import type { PlacedFile } from "./stream-index.ts";

/** A stream's files, and rows of files that cannot be looked at, in recording order. */
export interface IndexedStream {
  readonly name: string;
  readonly items: readonly (NamedFile | PlacedFile)[];
}

/** Disks as a reindex finds them. */
export interface FoundDisks {
  readonly present: readonly RecordingRoot[];
  /** Ids of disks that are not there. */
  readonly absent: readonly number[];
}

/** Takes over the disks that old databases know, under their own numbers, and those named besides. */
export async function takeDisks(
  store: Store,
  past: readonly OldDatabase[],
  more: readonly string[],
): Promise<FoundDisks> {
  const known = new Map<number, { uuid: string; directory: string }>();
  for (const { id, uuid, directory } of past.flatMap((old) => old.disks())) {
    if (!known.has(id)) {
      known.set(id, { uuid, directory });
    }
  }
  const stateDir = dirname(resolve(store.database.name));
  const present: RecordingRoot[] = [{ disk: STATE_DISK, directory: recordingsDirOf(stateDir) }];
  const absent: number[] = [];
  const insert = store.database.prepare(
    "insert into disk (id, uuid, directory, state) values (@id, @uuid, @directory, @state) on conflict (id) do update set uuid = excluded.uuid",
  );
  const take = async (id: number, uuid: string, directory: string) => {
    const at = resolve(stateDir, directory);
    const isHere = id === STATE_DISK || (await readDiskUuid(at)) === uuid;
    insert.run({ id, uuid, directory, state: isHere ? "present" : "missing" });
    if (!isHere) {
      absent.push(id);
    } else if (id !== STATE_DISK) {
      present.push({ disk: id, directory: recordingsDirOf(at) });
    }
  };
  for (const [id, { uuid, directory }] of known) {
    await take(id, uuid, directory);
  }
  for (const directory of more.map((each) => resolve(each))) {
    const uuid = existsSync(directory) ? ((await readDiskUuid(directory)) ?? randomUUID()) : undefined;
    const isKnown = present.some((root) => root.directory === recordingsDirOf(directory));
    if (uuid !== undefined && !isKnown) {
      await take(Math.max(STATE_DISK, ...known.keys(), ...present.map(({ disk }) => disk)) + 1, uuid, directory);
    }
  }
  store.disks.forget();
  return { present, absent };
}

/** Adds what old rows know of disks that are not there to the files of each stream. */
export function withAbsent(
  streams: readonly StreamFiles[],
  old: OldDatabase | undefined,
  absent: readonly number[],
): IndexedStream[] {
  const byName = new Map<string, (NamedFile | PlacedFile)[]>(streams.map(({ name, files }) => [name, [...files]]));
  for (const row of absent.length === 0 ? [] : (old?.cameras() ?? [])) {
    const name = streamNameOf({ camera: row.slug, stream: row.stream === "sub" ? "sub" : "main" });
    const rows = absent.flatMap((disk) =>
      (old?.segmentsOn(disk, row.id) ?? []).flatMap((each) => asFile(each, name, disk)),
    );
    byName.set(name, [...(byName.get(name) ?? []), ...rows]);
  }
  const idOf = (item: NamedFile | PlacedFile) => ("state" in item ? (item.segment?.facts.id ?? 0) : item.id);
  return [...byName].map(([name, items]) => ({ name, items: items.sort((a, b) => idOf(a) - idOf(b)) }));
}

function asFile(row: AbsentSegment, name: string, disk: number): PlacedFile[] {
  const stream = streamOfName(name);
  const init = parseInit(row.initBytes);
  if (init === undefined || stream === undefined) {
    return [];
  }
  const { startWallUs, initBytes, ...facts } = row;
  // Of boot and monotonic time the row says nothing: what lies beside it is only known by the old gaps.
  const unknown = { startMonoNs: "0", startDts90k: 0, bootId: "" };
  const info = { ...stream, segmentId: row.id, startWallUs, ...unknown };
  const path = segmentFileOf({ directoryOf: () => "" }, { ...stream, id: row.id, startWallUs, disk });
  const segment = { info, header: { initBytes, init, info, bytes: row.headerBytes }, facts };
  return [{ path: `/${path}`, state: "whole", fileBytes: 0, readBytes: 0, segment, reason: undefined, disk }];
}
