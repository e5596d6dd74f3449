/**
 * A WebSocket that comes back: opened while wanted, opened again within two seconds after it broke, closed at once when
 * it is silent for too long.
 */
import { socketUrl } from "./api.ts";

/** What the owner is told. */
export interface SocketEvents {
  onOpen?(send: (text: string) => void): void;
  onText(text: string): void;
  onBinary?(bytes: ArrayBuffer): void;
  /** The connection broke or could not be made; another attempt follows by itself. */
  onLost?(): void;
}

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 2000; // the page promises to be back within 3 s
const CONNECT_MS = 4000;

/** See above. */
export class SteadySocket {
  readonly #path: string;
  readonly #silenceMs: number;
  readonly #events: SocketEvents;
  #socket: WebSocket | undefined;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;

  constructor(path: string, silenceMs: number, events: SocketEvents) {
    this.#path = path;
    this.#silenceMs = silenceMs;
    this.#events = events;
  }

  /** Opens it, if it is not. */
  open(): void {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#connect();
    }
  }

  /** Closes it until it is opened again. */
  close(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Tries at once instead of after the wait: the network came back. */
  hurry(): void {
    if (this.#wanted && this.#socket === undefined) {
      clearTimeout(this.#timer);
      this.#connect();
    }
  }

  #connect(): void {
    const socket = new WebSocket(socketUrl(this.#path));
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    this.#watch(CONNECT_MS);
    socket.onopen = () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#watch(this.#silenceMs);
      this.#events.onOpen?.((text) => socket.send(text));
    };
    socket.onmessage = ({ data }) => {
      this.#watch(this.#silenceMs);
      if (typeof data === "string") {
        this.#events.onText(data);
      } else {
        this.#events.onBinary?.(data as ArrayBuffer);
      }
    };
    socket.onclose = () => {
      if (this.#socket === socket) {
        this.#lost();
      }
    };
  }

  #lost(): void {
    this.#drop();
    this.#events.onLost?.();
    if (this.#wanted) {
      this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 1.7, LAST_RETRY_MS);
    }
  }

  #drop(): void {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #watch(milliseconds: number): void {
    clearTimeout(this.#watchdog);
    if (milliseconds > 0) {
      this.#watchdog = setTimeout(() => this.#lost(), milliseconds);
    }
  }
}
