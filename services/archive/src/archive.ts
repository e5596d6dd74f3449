/** Puts the archive together: which module works with which. main.ts only calls this. */
import { type Module, type ServiceContext, ServiceSocket } from "@lanthorn/base";
import type { StreamName } from "@lanthorn/contract";
import { openCameraDirectory } from "@lanthorn/registry";
import type { Database } from "better-sqlite3";
import { BackupKeeper } from "./backup/backup-keeper.ts";
import { readBootId } from "./boot-id.ts";
import type { ArchiveConfig } from "./config.ts";
import { welcomeDisk } from "./disks/disk-return.ts";
import { DiskSet, stateDiskWish } from "./disks/disk-set.ts";
import { requireStateDisk, StateDisk } from "./disks/state-disk.ts";
import { ThumbnailPacks } from "./events/thumbnail-packs.ts";
import { Exports } from "./exports/exports.ts";
import { Recordings } from "./playback/recordings.ts";
import { PreviewFleet } from "./previews/preview-fleet.ts";
import { PreviewPacks } from "./previews/preview-packs.ts";
import { PreviewReader } from "./previews/preview-reader.ts";
import { RecordedMoments } from "./previews/recorded-moments.ts";
import { adoptOrphans } from "./recording/adoption.ts";
import { CommitLoop } from "./recording/commit-loop.ts";
import { makeFmp4Muxer } from "./recording/muxer.ts";
import { RecorderFleet } from "./recording/recorder-fleet.ts";
import { streamNameOf } from "./recording/recording-paths.ts";
import { beginGaps, type RecoveryReport, recordedEnds, recover } from "./recording/recovery.ts";
import type { RecordedEnd } from "./recording/segment-cutter.ts";
import { DiskKeeper } from "./retention/disk-keeper.ts";
import { RetentionReport } from "./retention/retention-report.ts";
import { addRoutes } from "./routes.ts";
import { Similarity } from "./similarity/similarity.ts";
import { addMetrics, archiveStatus } from "./status.ts";
import { Checkpoints } from "./store/checkpoints.ts";
import { openForWriting } from "./store/database.ts";
import { makeStore, type Store } from "./store/store.ts";
import { lockArchive } from "./store/writer-lock.ts";

/** Brings files and rows into agreement before anything is recorded. */
class Recovery implements Module {
  readonly name = "recovery";
  readonly #context: ServiceContext<ArchiveConfig>;
  readonly #store: Store;
  readonly #database: Database;
  readonly #packs: ThumbnailPacks;
  report: RecoveryReport | undefined;
  recorded: ReadonlyMap<string, RecordedEnd> = new Map();

  constructor(context: ServiceContext<ArchiveConfig>, store: Store, packs: ThumbnailPacks) {
    this.#context = context;
    this.#store = store;
    this.#database = store.database;
    this.#packs = packs;
  }

  async start(): Promise<void> {
    const { log, paths } = this.#context;
    const context = { stateDir: paths.stateDir, store: this.#store, log, bootId: readBootId() };
    this.report = await recover(context);
    const adopted = await adoptOrphans(context);
    await beginGaps(context, this.report.resumable);
    this.recorded = await recordedEnds(context);
    const eventsEnded = this.#store.events.endAll(null);
    const { closed, removed, cutBytes, deleted, resumable } = this.report;
    log.info({ closed, removed, cutBytes, deleted, resumable: resumable.size, adopted, eventsEnded }, "recovered");
  }

  /** Stopped last: closes what everything else writes to. */
  async stop(): Promise<void> {
    await this.#packs.close();
    this.#database.close();
  }
}

/** How long the service waits for its predecessor to end, or for a repair that is under way, milliseconds. */
const LOCK_WAIT_MS = 5000;

/** How long a transaction waits for a lock that another process has on archive.db, milliseconds. */
const FOREIGN_LOCK_WAIT_MS = 50;

/** The modules of the archive in the order of their start. */
export function archiveModules(context: ServiceContext<ArchiveConfig>): readonly Module[] {
  const { clock, config, log, metrics, paths } = context;
  const { stateDir, ringPrefix } = paths;
  requireStateDisk(paths);
  lockArchive(stateDir, LOCK_WAIT_MS); // until the process ends
  const database = openForWriting(stateDir);
  // SQLite waits for locks on this very thread: a foreign one must not hold it up. Rows are tried again, footage goes on.
  database.pragma(`busy_timeout = ${FOREIGN_LOCK_WAIT_MS}`);
  const stateDisk = new StateDisk({ ...paths, clock, log, fail: context.fail });
  const store = stateDisk.watching(makeStore(database));
  const packs = new ThumbnailPacks(stateDir);
  const recovery = new Recovery(context, store, packs);
  const directory = openCameraDirectory(paths.registryDir, { clock, log });
  const disks = new DiskSet({
    ...{ store, clock, log, wishes: config.disks },
    stateWish: stateDiskWish(stateDir, config),
    welcome: (disk) => welcomeDisk({ stateDir, store, log }, disk),
  });
  const settingsOf = (camera: string) => directory.cameras().find(({ id }) => id === camera)?.recording;
  const space = new DiskKeeper({
    ...{ stateDir, store, disks, clock, log, limits: config.retention },
    settingsOf,
    growing: () => fleet.recorders().flatMap((recorder) => recorder.views()),
  });
  const commits = new CommitLoop({
    clock,
    log,
    windowMs: config.recording.commitWindowMs,
    transaction: store.transaction,
  });
  const fleet = new RecorderFleet({
    directory,
    ringPrefix,
    clock,
    log,
    recovered: () => recovery.report?.resumable ?? new Map(),
    recorded: () => recovery.recorded,
    fail: context.fail,
    recorder: {
      stateDir,
      store,
      commits,
      space,
      clock,
      log,
      makeMuxer: makeFmp4Muxer,
      bootId: readBootId(),
      segmentMs: config.recording.segmentS * 1000,
      disconnectedAfterMs: config.recording.disconnectedAfterMs,
    },
    events: { ringPrefix, store, commits, space, packs, clock, log },
  });
  const growing = (camera: string, stream: StreamName = "main") =>
    fleet
      .recorders()
      .flatMap((recorder) => (streamNameOf(recorder.of) === streamNameOf({ camera, stream }) ? recorder.views() : []));
  const cameraNames = () => new Map(directory.cameras().map(({ id, name }) => [id, name]));
  const retentionReport = new RetentionReport({ store, disk: space, disks, clock, settingsOf });
  const recordings = new Recordings({ store, stateDir, clock, growing });
  const moments = new RecordedMoments({ store, growing });
  const previewFleet = new PreviewFleet({
    ...{ stateDir, directory, ringPrefix, commits, space, clock, log },
    packs: new PreviewPacks(stateDir),
    isRecorded: moments.isRecorded,
    hasFootage: moments.hasFootage,
  });
  const previews = new PreviewReader(stateDir, clock);
  const exports = new Exports({
    ...{ store, stateDir, clock, log, growing, cameraNames, ...config.exports },
    provide: (bytes) => space.provide(bytes),
    admit: (bytes) => space.admit(bytes),
    diskBytes: () => space.figures.totalBytes,
  });
  const backups = new BackupKeeper({ stateDir, clock, log, ...config.backup, admit: (bytes) => space.admit(bytes) });
  const similarity = new Similarity({ stateDir, store, log });
  const sources = { fleet, commits, disk: space, disks, store, clock, previews: previewFleet };
  addMetrics(metrics, sources);
  const socket = new ServiceSocket(context, {
    status: () => archiveStatus(sources),
    faults: () =>
      [
        ...disks.faults(),
        ...space.faults(),
        stateDisk.fault,
        commits.fault,
        ...fleet.eventLogs().map(({ fault }) => fault),
      ].filter((fault) => fault !== undefined),
    routes: (app) =>
      addRoutes(app, {
        retentionReport,
        recordings,
        store,
        packs,
        clock,
        growing,
        cameraNames,
        previews,
        exports,
        stateDir,
        backups,
        similarity,
      }),
  });
  return [
    stateDisk,
    disks,
    recovery,
    new Checkpoints({ database, clock, log }),
    directory,
    space,
    commits,
    fleet,
    previewFleet,
    exports,
    backups,
    similarity,
    socket,
  ];
}
