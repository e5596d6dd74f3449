/**
 * Writes registry.db; nothing else does. Each public method is one transaction: a crash leaves it done or not done.
 * Does not: HTTP (routes.ts), validate what was asked (requests.ts).
 */
import { join } from "node:path";
import type { Clock, Module } from "@lanthorn/base";
import {
  type Camera,
  type CameraSource,
  mergeRecording,
  type RecordingPatch,
  RecordingSettings,
} from "@lanthorn/contract";
import {
  type CameraRow,
  cameraOfRow,
  guarded,
  openRegistryWriter,
  REGISTRY_FILE,
  SecretBox,
  type SecretField,
  selectCameraRows,
  streamIdOf,
} from "@lanthorn/registry";
import type { Database } from "better-sqlite3";
import { camerasErrors } from "./error-codes.ts";
import { makePassphrase } from "./passphrase.ts";
import {
  type CameraCreate,
  type CameraPatch,
  checkPatchFits,
  checkSubSource,
  parseRequest,
  subSourceFault,
} from "./requests.ts";

/** What the store needs. */
export interface CameraStoreOptions {
  readonly registryDir: string;
  /** Read when the store starts, so that a missing key is told like every other fault of starting. */
  readonly deviceKey: () => Buffer;
  readonly maxCameras: number;
  readonly clock: Pick<Clock, "wallUs">;
}

/** A camera together with what it is told once. passphrase is null for a camera by RTSP. */
export interface IssuedCamera {
  readonly camera: Camera;
  readonly streamId: string;
  readonly passphrase: string | null;
}

/** A camera with its stream id, which is no secret. */
export type ListedCamera = Camera & { readonly streamId: string };

type Secrets = Partial<Record<SecretField, string>>;

/** The registry, for writing. */
export class CameraStore implements Module {
  readonly name = "camera-store";
  readonly #options: CameraStoreOptions;
  #open: { readonly database: Database; readonly box: SecretBox } | undefined;

  constructor(options: CameraStoreOptions) {
    this.#options = options;
  }

  /** Opens or makes registry.db. Throws: what openRegistryWriter and readDeviceKey throw. */
  start(): void {
    const box = new SecretBox(this.#options.deviceKey());
    this.#open = { box, database: openRegistryWriter(this.#options.registryDir) };
  }

  /** Closes the database. */
  stop(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  /** All cameras, by id. */
  list(): ListedCamera[] {
    return this.#transaction((database) => selectCameraRows(database).map(listed));
  }

  /** Throws: CAMERA_NOT_FOUND. */
  get(id: string): ListedCamera {
    return this.#transaction((database) => listed(existing(database, id)));
  }

  /** Registers a camera and issues its key. Throws: CAMERA_EXISTS, CAMERA_LIMIT, CAMERA_PORT_TAKEN. */
  create(request: CameraCreate): IssuedCamera {
    return this.#transaction((database) => {
      if (find(database, request.id) !== undefined) {
        throw camerasErrors.make("CAMERA_EXISTS", { camera: request.id });
      }
      return this.#insert(database, request);
    });
  }

  /**
   * Makes the registry agree with the request: registers the camera, or corrects the one that is there, and issues a key.
   * The key is the given passphrase, else a fresh one that replaces the old at once. A stored key is never told: see
   * docs/design/registry.md#ensure. Writes nothing where nothing differs. Throws: CAMERA_LIMIT, CAMERA_PORT_TAKEN.
   */
  ensure(request: CameraCreate): { readonly created: boolean; readonly issued: IssuedCamera } {
    return this.#transaction((database) => {
      const row = find(database, request.id);
      if (row === undefined) {
        return { created: true, issued: this.#insert(database, request) };
      }
      this.#update(database, row, request);
      const secrets = secretsOf(request);
      if (!this.#holdsExactly(database, request.id, secrets)) {
        database.prepare("delete from camera_secret where camera_id = ?").run(request.id);
        this.#seal(database, request.id, secrets);
      }
      return { created: false, issued: issued(existing(database, request.id), secrets) };
    });
  }

  /** Changes what people may change. Throws: CAMERA_NOT_FOUND, CAMERA_PORT_TAKEN, CAMERA_INVALID where the whole does not fit together. */
  patch(id: string, patch: CameraPatch): ListedCamera {
    return this.#transaction((database) => {
      const row = existing(database, id);
      const camera = cameraOfRow(row);
      const subSourceUrl = patch.subSourceUrl === undefined ? row.sub_source_url : patch.subSourceUrl;
      checkSubSource(camera.source, subSourceUrl);
      checkPatchFits(camera.source, patch);
      const port = patch.port === undefined ? row.source_port : patch.port;
      checkPortFree(database, id, port);
      database
        .prepare(
          `update camera set name = ?, enabled = ?, sub_source_url = ?, recording = ?, source_port = ?,
           certificate_sha256 = ? where id = ?`,
        )
        .run(
          patch.name ?? row.name,
          Number(patch.enabled ?? row.enabled === 1),
          subSourceUrl,
          patch.recording === undefined ? row.recording : mergedRecording(camera.recording, patch.recording),
          port,
          patch.certificateSha256 === undefined ? row.certificate_sha256 : patch.certificateSha256,
          id,
        );
      const { user, password } = patch;
      if (user !== undefined && password !== undefined && !this.#holdsExactly(database, id, { user, password })) {
        this.#seal(database, id, { user, password });
      }
      return listed(existing(database, id));
    });
  }

  /** Forgets a camera and its keys; recordings are the archive's and stay. Throws: CAMERA_NOT_FOUND. */
  remove(id: string): void {
    this.#transaction((database) => {
      existing(database, id);
      database.prepare("delete from camera where id = ?").run(id);
    });
  }

  /** Issues a next passphrase, valid beside the present one until completeRekey. Throws: CAMERA_NOT_FOUND, REKEY_NOT_SRT. */
  rekey(id: string): IssuedCamera {
    return this.#transaction((database) => {
      const row = existing(database, id);
      if (row.source_kind === "rtsp") {
        throw camerasErrors.make("REKEY_NOT_SRT", { camera: id, kind: row.source_kind });
      }
      const passphrase = makePassphrase();
      this.#seal(database, id, { "next-passphrase": passphrase });
      return issued(row, { passphrase });
    });
  }

  /** Makes the next passphrase the only one: the camera has used it. Does nothing where there is none. Throws: CAMERA_NOT_FOUND, SECRET_UNREADABLE. */
  completeRekey(id: string): void {
    this.#transaction((database, box) => {
      existing(database, id);
      const next = selectSealed(database, id).find((row) => row.field === "next-passphrase");
      if (next !== undefined) {
        // Opened and sealed anew: the field is part of what the seal vouches for.
        this.#seal(database, id, { passphrase: box.open(id, "next-passphrase", next.sealed) });
        database.prepare("delete from camera_secret where camera_id = ? and field = 'next-passphrase'").run(id);
      }
    });
  }

  /** Keeps the first certificate that a camera has shown; one that is kept already stays. Throws: CAMERA_NOT_FOUND. */
  keepCertificate(id: string, sha256: string): void {
    this.#transaction((database) => {
      existing(database, id);
      database
        .prepare(
          "update camera set certificate_sha256 = ? where id = ? and certificate_sha256 is null and source_kind = 'rtsp'",
        )
        .run(sha256, id);
    });
  }

  #insert(database: Database, request: CameraCreate): IssuedCamera {
    const count = database.prepare<[], { n: number }>("select count(*) as n from camera").get()?.n ?? 0;
    if (count >= this.#options.maxCameras) {
      throw camerasErrors.make("CAMERA_LIMIT", { limit: this.#options.maxCameras });
    }
    checkPortFree(database, request.id, columnsOf(request).source_port);
    database
      .prepare(
        `insert into camera
         (id, name, source_kind, source_url, stream_id, enabled, sub_source_url, source_port, created_wall_us)
         values
         (@id, @name, @source_kind, @source_url, @stream_id, @enabled, @sub_source_url, @source_port, @created_wall_us)`,
      )
      .run({ ...columnsOf(request), created_wall_us: this.#options.clock.wallUs() });
    const secrets = secretsOf(request);
    this.#seal(database, request.id, secrets);
    return issued(existing(database, request.id), secrets);
  }

  #update(database: Database, row: CameraRow, request: CameraCreate): void {
    const wanted = columnsOf(request, row);
    checkPortFree(database, request.id, wanted.source_port);
    if ((Object.keys(wanted) as (keyof typeof wanted)[]).some((column) => wanted[column] !== row[column])) {
      database
        .prepare(
          `update camera set name = @name, source_kind = @source_kind, source_url = @source_url, stream_id = @stream_id,
           enabled = @enabled, sub_source_url = @sub_source_url, source_port = @source_port,
           certificate_sha256 = @certificate_sha256 where id = @id`,
        )
        .run(wanted);
    }
  }

  #seal(database: Database, id: string, secrets: Secrets): void {
    const box = this.#opened().box;
    const write = database.prepare(
      "insert or replace into camera_secret (camera_id, field, sealed, changed_wall_us) values (?, ?, ?, ?)",
    );
    for (const [field, secret] of Object.entries(secrets) as [SecretField, string][]) {
      write.run(id, field, box.seal(id, field, secret), this.#options.clock.wallUs());
    }
  }

  /** Whether the stored secrets are these and no others; a row that does not open counts as different. */
  #holdsExactly(database: Database, id: string, secrets: Secrets): boolean {
    const { box } = this.#opened();
    const rows = selectSealed(database, id);
    return (
      rows.length === Object.keys(secrets).length &&
      rows.every((row) => {
        try {
          return box.open(id, row.field, row.sealed) === secrets[row.field];
        } catch {
          return false;
        }
      })
    );
  }

  #transaction<T>(change: (database: Database, box: SecretBox) => T): T {
    const { database, box } = this.#opened();
    const file = join(this.#options.registryDir, REGISTRY_FILE);
    return guarded(file, "write", () => database.transaction(() => change(database, box)).immediate());
  }

  #opened(): { readonly database: Database; readonly box: SecretBox } {
    if (this.#open === undefined) {
      throw new TypeError("CameraStore is used outside start() … stop()");
    }
    return this.#open;
  }
}

function find(database: Database, id: string): CameraRow | undefined {
  return database.prepare<[string], CameraRow>("select * from camera where id = ?").get(id);
}

function existing(database: Database, id: string): CameraRow {
  const row = find(database, id);
  if (row === undefined) {
    throw camerasErrors.make("CAMERA_NOT_FOUND", { camera: id });
  }
  return row;
}

/** Throws: CAMERA_PORT_TAKEN where another camera has the port. */
function checkPortFree(database: Database, id: string, port: number | null): void {
  const other = database
    .prepare<[number | null, string], { id: string }>("select id from camera where source_port = ? and id <> ?")
    .get(port, id);
  if (other !== undefined) {
    throw camerasErrors.make("CAMERA_PORT_TAKEN", { camera: id, port, other: other.id });
  }
}

function selectSealed(database: Database, id: string): { field: SecretField; sealed: Buffer }[] {
  return database
    .prepare<[string], { field: SecretField; sealed: Buffer }>(
      "select field, sealed from camera_secret where camera_id = ? order by field",
    )
    .all(id);
}

/** `row`: the camera as it is; what a request does not name is kept as long as it still fits the source. */
function columnsOf(request: CameraCreate, row?: CameraRow): Omit<CameraRow, "created_wall_us" | "recording"> {
  return {
    id: request.id,
    name: request.name,
    source_kind: request.source.kind,
    source_url: request.source.kind === "srt-listener" ? null : request.source.url,
    stream_id: streamIdOf(request.id),
    enabled: Number(request.enabled),
    source_port: request.source.kind === "srt-listener" ? (request.source.port ?? null) : null,
    sub_source_url:
      request.subSourceUrl === undefined ? keptSubSource(request, row?.sub_source_url ?? null) : request.subSourceUrl,
    certificate_sha256: isSameMachine(request.source, row) ? row.certificate_sha256 : null,
  };
}

function keptSubSource({ source }: CameraCreate, subSourceUrl: string | null): string | null {
  return subSourceFault(source, subSourceUrl) === undefined ? subSourceUrl : null;
}

/** Whether a camera is still called at the address and port at which it has shown its certificate. */
function isSameMachine(source: CameraSource, row: CameraRow | undefined): row is CameraRow {
  return source.kind === "rtsp" && row?.source_url != null && new URL(row.source_url).host === new URL(source.url).host;
}

function mergedRecording(settings: RecordingSettings, patch: RecordingPatch): string {
  return JSON.stringify(parseRequest(RecordingSettings, mergeRecording(settings, patch), ["recording"]));
}

function secretsOf(request: CameraCreate): Secrets {
  if (request.source.kind !== "rtsp") {
    return { passphrase: request.passphrase ?? makePassphrase() };
  }
  return request.user === undefined || request.password === undefined
    ? {}
    : { user: request.user, password: request.password };
}

function listed(row: CameraRow): ListedCamera {
  return { ...cameraOfRow(row), streamId: row.stream_id };
}

function issued(row: CameraRow, secrets: Secrets): IssuedCamera {
  return { camera: cameraOfRow(row), streamId: row.stream_id, passphrase: secrets.passphrase ?? null };
}
