/** Keeps one intake for each registered camera, and the port's access table, as the registry says. */
import { type Clock, type LanthornError, type Log, type Module, toLanthornError } from "@lanthorn/base";
import type { Camera, CameraLink } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import type { AccessEntry } from "@lanthorn/srt";
import { accessEntries, idleReason, sourceFingerprint } from "./access.ts";
import { CameraIntake } from "./camera-intake.ts";
import type { Source } from "./source.ts";

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
  readonly setAccess: (entries: readonly AccessEntry[]) => void;
  readonly makeSource: (camera: Camera, secrets: CameraSecrets | undefined) => Source;
  readonly clock: Clock;
  readonly log: Pick<Log, "error" | "info" | "warn">;
}

interface Member {
  readonly fingerprint: string;
  readonly intake: CameraIntake;
}

/** Starts and stops intakes with their cameras. */
export class CameraFleet implements Module {
  readonly name = "cameras";
  readonly #options: CameraFleetOptions;
  readonly #members = new Map<string, Member>();
  #stops: (() => void)[] = [];
  #keysFault: string | undefined;

  constructor(options: CameraFleetOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, list } = this.#options;
    this.#reconcile();
    this.#stops = [
      list.onChange(() => this.#reconcile()),
      clock.every(SAMPLE_MS, () => {
        for (const { intake } of this.#members.values()) {
          intake.sample();
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
    for (const { intake } of this.#members.values()) {
      intake.stop();
    }
    this.#members.clear();
  }

  /** Every camera's row, by id. */
  rows(): CameraLink[] {
    return [...this.#members.values()].map(({ intake }) => intake.row()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What hinders the service or a camera of it. */
  faults(): string[] {
    const ofCameras = [...this.#members.values()].flatMap(({ intake }) => intake.fault() ?? []);
    return [this.#options.list.fault() ?? [], this.#keysFault ?? [], ofCameras].flat();
  }

  #reconcile(): void {
    const cameras = this.#options.list.cameras();
    // The table first: who is no longer in it is dropped before its ring goes.
    const secrets = this.#applyKeys(cameras);
    if (secrets === undefined) {
      return; // the last known keys and cameras stay; tried again in a second
    }
    const wanted = new Map(cameras.map((camera) => [camera.id as string, camera]));
    for (const [id, { fingerprint, intake }] of this.#members) {
      const camera = wanted.get(id);
      if (camera === undefined || sourceFingerprint(camera, secrets.get(id)) !== fingerprint) {
        intake.stop();
        this.#members.delete(id);
      }
    }
    for (const [id, camera] of wanted) {
      const { intake } = this.#members.get(id) ?? this.#add(camera, secrets.get(id));
      intake.setIdleReason(idleReason(camera, secrets.get(id)));
    }
  }

  #add(camera: Camera, secrets: CameraSecrets | undefined): Member {
    const { clock, log, makeSource } = this.#options;
    const isOff = !camera.enabled && camera.source.kind !== "srt-listener";
    const source = isOff ? undefined : makeSource(camera, secrets);
    const intake = new CameraIntake({ camera, source, clock, log });
    const member = { fingerprint: sourceFingerprint(camera, secrets), intake };
    this.#members.set(camera.id, member);
    intake.start();
    return member;
  }

  /** Reads the keys and gives them to the port; undefined when that failed, which is told once and tried again. */
  #applyKeys(cameras: readonly Camera[]): ReadonlyMap<string, CameraSecrets> | undefined {
    const { log, readSecrets, setAccess } = this.#options;
    try {
      const secrets =
        cameras.length === 0
          ? new Map<string, CameraSecrets>() // there may be no registry yet
          : readSecrets((error) => log.error({ code: error.code }, error.message));
      setAccess(accessEntries(cameras, secrets));
      this.#keysFault = undefined;
      return secrets;
    } catch (error) {
      const { code, message } = toLanthornError(error);
      if (message !== this.#keysFault) {
        log.error({ code }, message);
      }
      this.#keysFault = message;
      return undefined;
    }
  }
}
