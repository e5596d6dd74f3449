/** Follows every camera's results ring and keeps events and their pictures. Recording does not depend on it in any way. */
import type { Clock, Log } from "@lanthorn/base";
import {
  type CameraId,
  type DetectionEvent,
  decodeResult,
  decodeSnapshot,
  embeddingFromText,
  type ResultRecord,
  ringName,
  type SnapshotHeader,
} from "@lanthorn/contract";
import { followByteRing, RECORD_TYPES, type ReadRecord } from "@lanthorn/rings";
import type { CommitLoop } from "../recording/commit-loop.ts";
import type { DiskSpace } from "../recording/recorder-context.ts";
import { dayNumberOf } from "../recording/recording-paths.ts";
import type { NewEmbedding } from "../store/embedding-table.ts";
import type { EventChange } from "../store/event-table.ts";
import type { Store } from "../store/store.ts";
import type { ThumbnailPacks } from "./thumbnail-packs.ts";

/** What following results needs. */
export interface EventLogContext {
  readonly ringPrefix: string;
  readonly store: Store;
  readonly commits: CommitLoop;
  readonly space: DiskSpace;
  readonly packs: ThumbnailPacks;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who wants to know at once what happens; nothing it does holds events up. */
export interface EventListener {
  saw(captureWallUs: number): void;
  note(event: DetectionEvent, lastWallUs: number, nowNs: bigint): void;
  lost(): void;
}

/** Newest state of each event since the last commit: bounded by the events that go on at once. */
type Changes = Map<string, EventChange>;

/** Embeddings that wait for their event, at most; then the oldest is dropped. They come after it unless the ring lost some. */
const EARLY_EMBEDDINGS_MAX = 64;

/** Follows one camera's results. Owner: RecorderFleet. */
export class EventLog {
  readonly #camera: CameraId;
  readonly #context: EventLogContext;
  readonly #listener: EventListener;
  readonly #stop = new AbortController();
  #changes: Changes = new Map();
  readonly #earlyEmbeddings = new Map<string, NewEmbedding>();
  #followed: Promise<void> | undefined;
  /** Why events are no longer taken; undefined while they are. Recording goes on either way. */
  fault: string | undefined;
  /** Records that were not results, since start. */
  malformed = 0;
  /** Records of events taken, since start. */
  records = 0;

  constructor(camera: CameraId, context: EventLogContext, listener: EventListener) {
    this.#camera = camera;
    this.#listener = listener;
    this.#context = context;
  }

  /** Starts following, from the oldest record still in the ring: what was missed while this service was down is taken now. */
  start(): void {
    const { clock, ringPrefix, log } = this.#context;
    this.#followed = followByteRing({
      name: ringName(ringPrefix, this.#camera, "results"),
      clock,
      signal: this.#stop.signal,
      from: "oldest",
      onRecord: (record) => this.#take(record),
      onGap: ({ reason }) => {
        if (reason === "reopened") {
          this.#listener.lost();
          this.#endWhatWentOn();
        }
      },
    }).catch((error: unknown) => {
      this.fault = `events of ${this.#camera} are no longer taken: ${(error as Error).message}`;
      log.error({ camera: this.#camera, err: error }, this.fault);
    });
  }

  /** Stops following and hands over what is left. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#followed;
  }

  async #take(record: ReadRecord): Promise<void> {
    if (record.meta.type === RECORD_TYPES.result) {
      const result = decodeResult(record.payload);
      if (result === undefined) {
        this.malformed += 1;
      } else if (result.camera === this.#camera) {
        this.#hear(result);
      }
    } else if (record.meta.type === RECORD_TYPES.snapshot) {
      const snapshot = decodeSnapshot(record.payload);
      if (snapshot === undefined) {
        this.malformed += 1;
      } else {
        await this.#keepPicture(snapshot.header, snapshot.jpeg);
      }
    }
  }

  #hear(result: ResultRecord): void {
    const { captureWallUs } = result.frame;
    if (result.type !== "embedding") {
      this.#listener.saw(captureWallUs); // an embedding speaks of a picture of before
    }
    if (result.type === "event") {
      this.#listener.note(result.event, captureWallUs, this.#context.clock.monoNs());
      this.#note({ event: result.event, lastWallUs: captureWallUs }, result.phase === "update");
    } else if (result.type === "embedding") {
      const { dims, eventId, model, values } = result;
      const vector = embeddingFromText(values, dims);
      if (vector === undefined) {
        this.malformed += 1;
      } else {
        this.#keepEmbedding(eventId, { model, captureWallUs, vector });
      }
    }
  }

  /** Rows are written with the next commit, once for all records until then. That an event goes on is no reason for one at once. */
  #note(change: EventChange, canWait: boolean): void {
    this.records += 1;
    const isFirst = this.#changes.size === 0;
    const topScore01 = Math.max(change.event.topScore01, this.#changes.get(change.event.id)?.event.topScore01 ?? 0);
    this.#changes.set(change.event.id, { ...change, event: { ...change.event, topScore01 } });
    if (isFirst) {
      const changes = this.#changes;
      this.#context.commits.add({ targets: [], due: "late", rows: () => this.#write(changes) });
    }
    if (!canWait) {
      this.#context.commits.add({ targets: [] });
    }
  }

  #write(changes: Changes): void {
    if (changes === this.#changes) {
      this.#changes = new Map(); // what comes from now on is the next commit's
    }
    const cameraRow = this.#context.store.cameras.ensure(this.#camera);
    for (const change of changes.values()) {
      this.#context.store.events.apply(cameraRow, change);
      const early = this.#earlyEmbeddings.get(change.event.id);
      if (early !== undefined) {
        this.#context.store.embeddings.put(change.event.id, early); // again, should this transaction fail
      }
    }
  }

  #keepEmbedding(eventId: string, embedding: NewEmbedding): void {
    const { commits, store } = this.#context;
    commits.add({
      targets: [],
      due: "late",
      rows: () => {
        if (store.embeddings.put(eventId, embedding)) {
          return;
        }
        this.#earlyEmbeddings.set(eventId, embedding);
        if (this.#earlyEmbeddings.size > EARLY_EMBEDDINGS_MAX) {
          this.#earlyEmbeddings.delete(this.#earlyEmbeddings.keys().next().value as string);
        }
      },
    });
  }

  async #keepPicture(header: SnapshotHeader, jpeg: Buffer): Promise<void> {
    const { commits, log, packs, space, store } = this.#context;
    const packDay = dayNumberOf(header.captureWallUs);
    try {
      if (!(await space.admit(jpeg.length))) {
        return; // the recording says disk-full; a picture is not worth more
      }
      const { offsetBytes, targets } = await packs.append(this.#camera, packDay, jpeg);
      const { captureWallUs, widthPx, heightPx } = header;
      const picture = { packDay, offsetBytes, jpegBytes: jpeg.length, captureWallUs, widthPx, heightPx };
      commits.add({ targets, rows: () => store.events.setPicture(header.eventId, picture) });
    } catch (error) {
      log.warn({ camera: this.#camera, err: error }, "cannot keep a picture of an event");
    }
  }

  #endWhatWentOn(): void {
    const { commits, store } = this.#context;
    commits.add({
      targets: [],
      rows: () => {
        const cameraRow = store.cameras.find(this.#camera);
        if (cameraRow !== undefined) {
          store.events.endAll(cameraRow);
        }
      },
    });
  }
}
