/**
 * Live pictures of one camera, in whichever way this browser can: WebCodecs on a canvas where the page is a secure context, else
 * MediaSource, else stills. Framework-free: a player owns one element that its user puts on the page.
 */
import type { LiveMessage } from "@lanthorn/contract";
import { SteadySocket } from "../net/steady-socket.ts";
import { MsePictures } from "./mse-pictures.ts";
import { StillPictures } from "./still-pictures.ts";
import { WebCodecsPictures } from "./webcodecs-pictures.ts";

/** What a viewer sees: nothing yet, moving pictures, stills, or nothing because the camera sends none. */
export const PLAYER_STATES = ["connecting", "playing", "stills", "waiting"] as const;
/** One of PLAYER_STATES. */
export type PlayerState = (typeof PLAYER_STATES)[number];

/** Ways to show live pictures; the first that works is taken. */
export const PLAYER_KINDS = ["webcodecs", "mse", "stills"] as const;
/** One of PLAYER_KINDS. */
export type PlayerKind = (typeof PLAYER_KINDS)[number];

/** What shows pictures of one kind. */
export interface Pictures {
  readonly element: HTMLElement;
  /** The codec list of the first message; undefined when no socket is needed. */
  readonly offer: string | undefined;
  take(message: LiveMessage): void;
  takeBinary(bytes: ArrayBuffer): void;
  /** Empties what waits: the connection was lost. */
  reset(): void;
  setSound?(on: boolean): void;
  close(): void;
}

/** What Pictures tell their player. */
export interface PictureEvents {
  /** A picture is on the screen. pts90k: by the camera's clock; undefined for stills. */
  onPicture(pts90k: number | undefined): void;
  /** Cannot go on in this way. */
  onUnplayable(reason: string): void;
}

/** What the owner of a player is told. */
export interface PlayerEvents {
  onState(state: PlayerState): void;
  onPicture?(pts90k: number | undefined): void;
  /** The element that shows pictures is another one now. */
  onElement(element: HTMLElement): void;
}

const STALLED_MS = 3000;
const SOCKET_SILENCE_MS = 0; // a camera may be off for days; the event socket finds a dead connection

/** Says which way this browser can; `?player=mse` asks for one. */
export function preferredKind(search: string = location.search): PlayerKind {
  const asked = new URLSearchParams(search).get("player");
  const wanted = PLAYER_KINDS.find((kind) => kind === asked);
  if (wanted !== undefined) {
    return wanted;
  }
  if (isSecureContext && "VideoDecoder" in window) {
    return "webcodecs";
  }
  return "MediaSource" in window || "ManagedMediaSource" in window ? "mse" : "stills";
}

/** A camera's live pictures. */
export class LivePlayer {
  readonly #camera: string;
  readonly #events: PlayerEvents;
  readonly #kinds: PlayerKind[];
  #pictures: Pictures | undefined;
  #socket: SteadySocket | undefined;
  #stall: ReturnType<typeof setTimeout> | undefined;
  #state: PlayerState = "connecting";
  #sound = false;

  constructor(camera: string, events: PlayerEvents, kind: PlayerKind = preferredKind()) {
    this.#camera = camera;
    this.#events = events;
    this.#kinds = PLAYER_KINDS.slice(PLAYER_KINDS.indexOf(kind));
  }

  /** The way pictures are shown now. */
  get kind(): PlayerKind {
    return this.#kinds[0] ?? "stills";
  }

  /** Starts, if stopped. */
  start(): void {
    if (this.#pictures === undefined) {
      this.#begin();
    }
  }

  /** Stops and frees decoder and connection; the last picture stays in the element. */
  stop(): void {
    clearTimeout(this.#stall);
    this.#socket?.close();
    this.#socket = undefined;
    this.#pictures?.close();
    this.#pictures = undefined;
  }

  /** Sound, where this way of showing has any. */
  setSound(on: boolean): void {
    this.#sound = on;
    this.#pictures?.setSound?.(on);
  }

  #begin(): void {
    this.#tell("connecting");
    const pictures = this.#make(this.kind);
    this.#pictures = pictures;
    this.#events.onElement(pictures.element);
    pictures.setSound?.(this.#sound);
    if (pictures.offer === undefined) {
      return;
    }
    const offer = JSON.stringify({ type: this.kind, value: pictures.offer });
    this.#socket = new SteadySocket(`/api/live/${this.#camera}`, SOCKET_SILENCE_MS, {
      onOpen: (send) => {
        pictures.reset();
        send(offer);
      },
      onText: (text) => this.#take(JSON.parse(text) as LiveMessage),
      onBinary: (bytes) => pictures.takeBinary(bytes),
      onLost: () => this.#tell("connecting"),
    });
    this.#socket.open();
  }

  #take(message: LiveMessage): void {
    if (message.type === "error") {
      if (message.error.code === "WEB_CODEC_UNSUPPORTED") {
        this.#fallBack(message.error.message);
      }
    } else if (message.type === "waiting") {
      this.#tell("waiting");
    } else {
      this.#pictures?.take(message);
    }
  }

  #fallBack(reason: string): void {
    console.info(`${this.#camera}: ${this.kind} cannot be used here: ${reason}`);
    this.stop();
    if (this.#kinds.length > 1) {
      this.#kinds.shift();
    }
    this.#begin();
  }

  #make(kind: PlayerKind): Pictures {
    const events: PictureEvents = {
      onPicture: (pts90k) => {
        this.#tell(kind === "stills" ? "stills" : "playing");
        clearTimeout(this.#stall);
        this.#stall = setTimeout(() => this.#tell("connecting"), STALLED_MS);
        this.#events.onPicture?.(pts90k);
      },
      onUnplayable: (reason) => this.#fallBack(reason),
    };
    switch (kind) {
      case "webcodecs":
        return new WebCodecsPictures(events);
      case "mse":
        return new MsePictures(events);
      case "stills":
        return new StillPictures(this.#camera, events);
    }
  }

  #tell(state: PlayerState): void {
    if (this.#state !== state || state === "connecting") {
      this.#state = state;
      this.#events.onState(state);
    }
  }
}
