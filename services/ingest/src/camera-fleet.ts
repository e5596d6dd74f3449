/** Keeps intakes for the streams of each registered camera, and the ports' access tables, as the registry says. */
import { type Clock, type LanthornError, type Log, type Module, toLanthornError } from "@lanthorn/base";
import { type Camera, type CameraId, type CameraLink, STREAMS, type StreamName } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import type { AccessEntry } from "@lanthorn/srt";
import { accessEntries, idleReason, isWanted, ownPorts, sourceFingerprint, type WantedCamera } from "./access.ts";
import { hasStream } from "./make-source.ts";
import type { RingRoom } from "./ring-room.ts";
import type { Source } from "./source.ts";
import { StreamIntake } from "./stream-intake.ts";
import { streamKey } from "./stream-key.ts";

/** How often counters are taken, milliseconds. */
const SAMPLE_MS = 1000;
/** How often keys that could not be read are tried again, milliseconds. */
const KEYS_RETRY_MS = 1000;

/** Where the cameras are listed. */
export interface CameraList {
  cameras(): readonly Camera[];
  /** Calls back after a change until the returned function is called. */
  onChange(callback: () => void): () => void;
  fault(): string | undefined;
}

/** What the fleet needs. */
export interface CameraFleetOptions {
  readonly list: CameraList;
  /** Reads the keys of all cameras. Throws when the registry cannot be read. */
  readonly readSecrets: (onUnreadable: (error: LanthornError) => void) => ReadonlyMap<string, CameraSecrets>;
  /** ports: those of their own, by camera. */
  readonly setAccess: (entries: readonly AccessEntry[], ports: ReadonlyMap<string, number>) => void;
  /** Whether its owner wants privacy now. */
  readonly isPrivate: (camera: Camera) => boolean;
  readonly makeSource: (camera: Camera, stream: StreamName, secrets: CameraSecrets | undefined) => Source;
  readonly room: RingRoom;
  readonly clock: Clock;
  readonly log: Pick<Log, "error" | "info" | "warn">;
}

/** One stream of a camera. */
interface Member {
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly fingerprint: string;
  readonly intake: StreamIntake;
}

/** Starts and stops intakes with their cameras. */
export class CameraFleet implements Module {
  readonly name = "cameras";
  readonly #options: CameraFleetOptions;
  /** By stream key. */
  readonly #members = new Map<string, Member>();
  #stops: (() => void)[] = [];
  #keysFault: string | undefined;
  #private = "";

  constructor(options: CameraFleetOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, list } = this.#options;
    this.#reconcile();
    this.#stops = [
      list.onChange(() => this.#reconcile()),
      clock.every(SAMPLE_MS, () => {
        for (const intake of this.#intakes()) {
          intake.sample();
        }
        if (this.#privateNow() !== this.#private) {
          this.#reconcile(); // a window of a schedule began or ended
        }
      }),
      clock.every(KEYS_RETRY_MS, () => {
        if (this.#keysFault !== undefined) {
          this.#reconcile();
        }
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) {
      stop();
    }
    this.#stops = [];
    for (const intake of this.#intakes()) {
      intake.stop();
    }
    this.#members.clear();
  }

  /** Every camera's row, by id. */
  rows(): CameraLink[] {
    return [...this.#members.values()]
      .filter(({ stream }) => stream === "main")
      .map(({ camera, intake }): CameraLink => {
        const sub = this.#members.get(streamKey(camera, "sub"))?.intake;
        return { id: camera, ...intake.row(), sub: sub?.isKnown() ? sub.row() : null };
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What hinders the service or a camera of it. */
  faults(): string[] {
    const ofCameras = this.#intakes().flatMap((intake) => intake.fault() ?? []);
    // Both streams of a camera may have the same.
    return [...new Set([this.#options.list.fault() ?? [], this.#keysFault ?? [], ofCameras].flat())];
  }

  #intakes(): StreamIntake[] {
    return [...this.#members.values()].map(({ intake }) => intake);
  }

  /** Ids of the private cameras. */
  #privateNow(): string {
    const { isPrivate, list } = this.#options;
    return list
      .cameras()
      .filter(isPrivate)
      .map(({ id }) => id)
      .join();
  }

  #reconcile(): void {
    const { isPrivate, list } = this.#options;
    const cameras = list.cameras();
    const keys = this.#readKeys(cameras);
    if (keys === undefined) {
      return; // the last known keys and cameras stay; tried again in a second
    }
    this.#private = this.#privateNow();
    const wanted = new Map(
      cameras.map((camera): [string, WantedCamera] => {
        return [camera.id, { camera, secrets: keys.get(camera.id), isPrivate: isPrivate(camera) }];
      }),
    );
    // The table first: who is no longer in it is dropped before its ring goes.
    if (!this.#applyAccess([...wanted.values()])) {
      return;
    }
    for (const [key, { camera, fingerprint, intake, stream }] of this.#members) {
      const one = wanted.get(camera);
      if (one === undefined || !hasStream(one.camera, stream) || sourceFingerprint(one, stream) !== fingerprint) {
        intake.stop();
        this.#members.delete(key);
      }
    }
    for (const one of wanted.values()) {
      for (const stream of STREAMS.filter((each) => hasStream(one.camera, each))) {
        const { intake } = this.#members.get(streamKey(one.camera.id, stream)) ?? this.#add(one, stream);
        intake.setIdleReason(idleReason(one));
        intake.setPreRoll(one.camera.recording.preRollS);
      }
    }
  }

  #add(wanted: WantedCamera, stream: StreamName): Member {
    const { camera, secrets } = wanted;
    const { clock, log, makeSource, room } = this.#options;
    const isRead = isWanted(wanted) || camera.source.kind === "srt-listener";
    const source = isRead ? makeSource(camera, stream, secrets) : undefined;
    const intake = new StreamIntake({ camera, stream, source, room, clock, log });
    const member = { camera: camera.id, stream, fingerprint: sourceFingerprint(wanted, stream), intake };
    this.#members.set(streamKey(camera.id, stream), member);
    intake.start();
    return member;
  }

  #readKeys(cameras: readonly Camera[]): ReadonlyMap<string, CameraSecrets> | undefined {
    const { log, readSecrets } = this.#options;
    return this.#told(() =>
      cameras.length === 0
        ? new Map<string, CameraSecrets>() // there may be no registry yet
        : readSecrets((error) => log.error({ code: error.code }, error.message)),
    );
  }

  #applyAccess(wanted: readonly WantedCamera[]): boolean {
    return (
      this.#told(() => {
        this.#options.setAccess(accessEntries(wanted), ownPorts(wanted));
        return true;
      }) ?? false
    );
  }

  /** What a step gives; undefined when it failed, which is told once and tried again. */
  #told<T>(step: () => T): T | undefined {
    try {
      const result = step();
      this.#keysFault = undefined;
      return result;
    } catch (error) {
      const { code, message } = toLanthornError(error);
      if (message !== this.#keysFault) {
        this.#options.log.error({ code }, message);
      }
      this.#keysFault = message;
      return undefined;
    }
  }
}
