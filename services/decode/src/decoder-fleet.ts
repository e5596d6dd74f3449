/** Keeps one decoder for each enabled camera, as the registry says. Tested: test/decoder-fleet.test.ts. */
import type { Clock, Module, Progress } from "@lanthorn/base";
import { CameraDecoder, type CameraRow, type FrameDecoder, type SampleDecoder } from "./camera-decoder.ts";
import type { DecodeConfig } from "./config.ts";

/** How often demand follows the readers, milliseconds: a new reader's first frames wait for it. */
const INTEREST_MS = 200;
/** How often errors are told and the decoders' threads looked at, milliseconds. */
const SECOND_MS = 1000;

/** Where the cameras are listed. */
export interface CameraList {
  cameras(): readonly { readonly id: string; readonly enabled: boolean }[];
  /** Calls back after a change until the returned function is called. */
  onChange(callback: () => void): () => void;
  fault(): string | undefined;
}

/** What the fleet needs. */
export interface DecoderFleetOptions {
  readonly list: CameraList;
  readonly config: DecodeConfig["decode"];
  readonly openDecoder: (cameraId: string) => FrameDecoder;
  readonly openSensors: (cameraId: string) => SampleDecoder;
  readonly clock: Clock;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Starts and stops decoders with their cameras. */
export class DecoderFleet implements Module {
  readonly name = "decoders";
  readonly #options: DecoderFleetOptions;
  readonly #members = new Map<string, CameraDecoder>();
  #stops: (() => void)[] = [];
  #rounds = 0;

  constructor(options: DecoderFleetOptions) {
    this.#options = options;
  }

  /** The watchdog is fed while every decoder's thread turns; one hung decoder is enough to be restarted. */
  readonly progress: Progress = { count: () => this.#rounds, isIdle: () => this.#members.size === 0 };

  start(): void {
    const { clock, list } = this.#options;
    this.#reconcile();
    this.#stops = [
      list.onChange(() => this.#reconcile()),
      clock.every(INTEREST_MS, () => this.#each((member) => member.followInterest())),
      clock.every(SECOND_MS, () => this.#everySecond()),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) {
      stop();
    }
    this.#stops = [];
    this.#each((member) => member.close());
    this.#members.clear();
  }

  /** Every camera's row, by id. */
  rows(): CameraRow[] {
    return [...this.#members.values()].map((member) => member.row()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What hinders the service or a camera of it. */
  faults(): string[] {
    const ofCameras = [...this.#members.values()].flatMap((member) => member.fault() ?? []);
    return [
      ...(this.#options.list.fault() === undefined ? [] : [`registry: ${this.#options.list.fault()}`]),
      ...ofCameras,
    ];
  }

  #everySecond(): void {
    let allTurned = true;
    this.#each((member) => {
      member.tellErrors();
      allTurned = member.hasTurned() && allTurned;
    });
    if (allTurned) {
      this.#rounds += 1;
    }
  }

  #each(work: (member: CameraDecoder) => void): void {
    for (const member of this.#members.values()) {
      work(member);
    }
  }

  #reconcile(): void {
    const { clock, config, list, log } = this.#options;
    const wanted = new Set(list.cameras().flatMap((camera) => (camera.enabled ? [camera.id] : [])));
    for (const [id, member] of this.#members) {
      if (!wanted.has(id)) {
        member.close();
        this.#members.delete(id);
        log.info({ camera: id }, "decoder stopped");
      }
    }
    for (const id of wanted) {
      if (!this.#members.has(id)) {
        const { lingerMs, maxFps } = config;
        const decoders = this.#open(id);
        this.#members.set(id, new CameraDecoder({ id, ...decoders, clock, log, lingerMs, maxFps }));
        log.info({ camera: id }, "decoder started");
      }
    }
  }

  /** Both or none. */
  #open(id: string): { decoder: FrameDecoder; sensors: SampleDecoder } {
    const decoder = this.#options.openDecoder(id);
    try {
      return { decoder, sensors: this.#options.openSensors(id) };
    } catch (error) {
      decoder.close();
      throw error;
    }
  }
}
