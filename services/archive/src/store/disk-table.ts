/** Table disk: where recordings lie. A handful of rows, kept in memory. */
import { dirname, relative, resolve } from "node:path";
import type { Database, Statement } from "better-sqlite3";
import type { DiskDirectories } from "../recording/recording-paths.ts";

/** Whether a disk can be used. Order: as the column's check. */
export const DISK_STATES = ["present", "missing"] as const;
/** One of DISK_STATES. */
export type DiskState = (typeof DISK_STATES)[number];

/** The disk of the state directory. */
export const STATE_DISK = 1;

/** A disk. */
export interface DiskRow {
  readonly id: number;
  readonly uuid: string;
  /** Absolute. */
  readonly directory: string;
  readonly state: DiskState;
}

/** The statements of table disk, and the directories that paths are made of. */
export class DiskTable implements DiskDirectories {
  readonly #stateDir: string;
  readonly #all: Statement<[], DiskRow>;
  readonly #insert: Statement<[string, string]>;
  readonly #move: Statement<[string, number]>;
  readonly #setState: Statement<[DiskState, number]>;
  readonly #remove: Statement<[number]>;
  #rows: ReadonlyMap<number, DiskRow> | undefined;

  constructor(database: Database) {
    this.#stateDir = dirname(resolve(database.name)); // archive.db lies in the state directory
    this.#all = database.prepare("select id, uuid, directory, state from disk order by id");
    this.#insert = database.prepare("insert into disk (uuid, directory) values (?, ?)");
    this.#move = database.prepare("update disk set directory = ? where id = ?");
    this.#setState = database.prepare("update disk set state = ? where id = ?");
    this.#remove = database.prepare("delete from disk where id = ?");
  }

  /** Every disk there ever was. */
  list(): DiskRow[] {
    return [...this.#known().values()];
  }

  /** One disk. */
  byId(id: number): DiskRow | undefined {
    return this.#known().get(id);
  }

  /** A disk's directory; that of an unknown one lies where nothing is. */
  directoryOf(id: number): string {
    return this.byId(id)?.directory ?? resolve(this.#stateDir, `no-such-disk-${id}`);
  }

  /** Whether a disk was there when last looked for. */
  isPresent(id: number): boolean {
    return this.byId(id)?.state === "present";
  }

  /** A disk seen for the first time; returns its id. */
  add(uuid: string, directory: string): number {
    this.forget();
    return Number(this.#insert.run(uuid, this.#stored(directory)).lastInsertRowid);
  }

  /** A disk is mounted elsewhere now. */
  move(id: number, directory: string): void {
    this.forget();
    this.#move.run(this.#stored(directory), id);
  }

  /** A disk came or went. */
  setState(id: number, state: DiskState): void {
    this.forget();
    this.#setState.run(state, id);
  }

  /** A disk on which no segment lies will not come back. */
  remove(id: number): void {
    this.forget();
    this.#remove.run(id);
  }

  /** Reads the rows anew when next asked. */
  forget(): void {
    this.#rows = undefined;
  }

  #stored(directory: string): string {
    return relative(this.#stateDir, resolve(directory)) || ".";
  }

  #known(): ReadonlyMap<number, DiskRow> {
    this.#rows ??= new Map(
      this.#all.all().map((row) => [row.id, { ...row, directory: resolve(this.#stateDir, row.directory) }]),
    );
    return this.#rows;
  }
}
