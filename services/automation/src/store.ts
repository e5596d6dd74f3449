/**
 * What must outlive this process: events that no broker has taken yet, how far each results ring was read, which topics
 * are retained at the broker, which labels each camera has shown, and the appliance's id.
 * The only SQL of the service (schema.sql). Tested: test/store.test.ts.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { OutgoingMessage } from "./topics.ts";

/** An event that waits for the broker. */
export interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly payload: string;
  /** Unix time, milliseconds. */
  readonly createdWallMs: number;
  /** Not worth sending later than this, Unix time in milliseconds; null: at any time. */
  readonly expiresWallMs: number | null;
}

/** How far a camera's results were taken: capture time of the last event record, and the phases taken of that frame. */
export interface Cursor {
  readonly bootId: string;
  readonly captureMonoNs: bigint;
  readonly phases: readonly string[];
}

/** Version of schema.sql; there is no earlier one to come from. */
const SCHEMA_VERSION = 1;

/** The service's database. Owner: close() when done. Full outbox: drop-oldest, counted. */
export class Store {
  readonly #database: Database.Database;
  readonly #maxMessages: number;
  #pending: number;
  #dropped = 0;

  private constructor(database: Database.Database, maxMessages: number) {
    this.#database = database;
    this.#maxMessages = maxMessages;
    this.#pending = (database.prepare("select count(*) as n from outbox").get() as { n: number }).n;
  }

  /** Opens <stateDir>/automation.db, making it where needed. */
  static open(stateDir: string, options: { readonly maxMessages: number }): Store {
    mkdirSync(stateDir, { recursive: true });
    const database = new Database(join(stateDir, "automation.db"));
    database.pragma("journal_mode = WAL");
    // NORMAL: after a power cut the last events may be sent again or be missing; a fsync for each event is not worth that.
    database.pragma("synchronous = NORMAL");
    if (database.pragma("user_version", { simple: true }) !== SCHEMA_VERSION) {
      database.exec(readFileSync(new URL("./schema.sql", import.meta.url), "utf8"));
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
    }
    return new Store(database, options.maxMessages);
  }

  /** The appliance's immutable id, made up at the first start: `box_` and 8 hexadecimal digits. */
  applianceId(): string {
    const made = `box_${randomBytes(4).toString("hex")}`;
    this.#database.prepare("insert or ignore into appliance (only_row, id) values (1, ?)").run(made);
    return (this.#database.prepare("select id from appliance").get() as { id: string }).id;
  }

  /** Events waiting, and events dropped because the outbox was full (since this process started). */
  get outboxState(): { readonly pending: number; readonly dropped: number } {
    return { pending: this.#pending, dropped: this.#dropped };
  }

  /** Takes the messages of one event record and moves the camera's cursor, both or neither. */
  enqueue(
    camera: string,
    cursor: Cursor,
    messages: readonly (OutgoingMessage & { readonly expiresWallMs: number | null })[],
    nowWallMs: number,
  ): void {
    const insert = this.#database.prepare(
      "insert into outbox (topic, payload, created_wall_ms, expires_wall_ms) values (?, ?, ?, ?)",
    );
    this.#database.transaction(() => {
      for (const { topic, payload, expiresWallMs } of messages) {
        insert.run(topic, String(payload), nowWallMs, expiresWallMs);
      }
      this.#database
        .prepare(
          `insert into cursors (camera, boot_id, capture_mono_ns, phases) values (?, ?, ?, ?)
           on conflict (camera) do update set boot_id = excluded.boot_id, capture_mono_ns = excluded.capture_mono_ns,
             phases = excluded.phases`,
        )
        .run(camera, cursor.bootId, cursor.captureMonoNs, JSON.stringify(cursor.phases));
    })();
    this.#pending += messages.length;
    this.#dropOldest();
  }

  /** The oldest waiting events, oldest first. */
  outboxHead(limit: number): OutboxRow[] {
    return this.#database
      .prepare(
        `select id, topic, payload, created_wall_ms as createdWallMs, expires_wall_ms as expiresWallMs
         from outbox order by id limit ?`,
      )
      .all(limit) as OutboxRow[];
  }

  /** Forgets events up to and including this id: the broker has them. */
  outboxDone(throughId: number): void {
    this.#pending -= this.#database.prepare("delete from outbox where id <= ?").run(throughId).changes;
  }

  /** How far the camera's results were taken. */
  cursor(camera: string): Cursor | undefined {
    const row = this.#database
      .prepare("select boot_id, capture_mono_ns, phases from cursors where camera = ?")
      .safeIntegers()
      .get(camera) as { boot_id: string; capture_mono_ns: bigint; phases: string } | undefined;
    return row && { bootId: row.boot_id, captureMonoNs: row.capture_mono_ns, phases: JSON.parse(row.phases) };
  }

  /** Remembers that the broker holds a retained message on this topic for this camera. */
  rememberRetained(camera: string, topic: string): void {
    this.#database.prepare("insert or ignore into retained_topics (topic, camera) values (?, ?)").run(topic, camera);
  }

  /** Cameras that the broker may hold retained messages of. */
  retainedCameras(): string[] {
    return (
      this.#database.prepare("select distinct camera from retained_topics order by camera").all() as {
        camera: string;
      }[]
    ).map((row) => row.camera);
  }

  /** Retained topics of a camera. */
  retainedTopics(camera: string): string[] {
    return (
      this.#database.prepare("select topic from retained_topics where camera = ? order by topic").all(camera) as {
        topic: string;
      }[]
    ).map((row) => row.topic);
  }

  /** Forgets a retained topic: the broker has been told to clear it. */
  forgetRetained(topic: string): void {
    this.#database.prepare("delete from retained_topics where topic = ?").run(topic);
  }

  /** Remembers that a camera reported this label; true when it is new. */
  rememberLabel(camera: string, label: string): boolean {
    return (
      this.#database.prepare("insert or ignore into labels (camera, label) values (?, ?)").run(camera, label)
        .changes === 1
    );
  }

  /** Labels a camera has ever reported, in alphabetical order. */
  labels(camera: string): string[] {
    return (
      this.#database.prepare("select label from labels where camera = ? order by label").all(camera) as {
        label: string;
      }[]
    ).map((row) => row.label);
  }

  /** Forgets labels and cursor of a camera that was removed; its waiting events are still sent. */
  forgetCamera(camera: string): void {
    this.#database.prepare("delete from labels where camera = ?").run(camera);
    this.#database.prepare("delete from cursors where camera = ?").run(camera);
  }

  /** Closes the database; may be called twice. */
  close(): void {
    this.#database.close();
  }

  #dropOldest(): void {
    const excess = this.#pending - this.#maxMessages;
    if (excess <= 0) {
      return;
    }
    const { changes } = this.#database
      .prepare("delete from outbox where id in (select id from outbox order by id limit ?)")
      .run(excess);
    this.#pending -= changes;
    this.#dropped += changes;
  }
}
