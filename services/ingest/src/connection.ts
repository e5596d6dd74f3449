/** The story of one camera's connections, told event by event. Pure. */
import { assertNever } from "@lanthorn/base";
import type { SrtEvent } from "@lanthorn/srt";
import type { ConnectionReport } from "./source.ts";

/** Remembers where a connection stands and why the last one ended. */
export class Connection {
  #report: ConnectionReport = {
    state: "waiting",
    peer: null,
    keyLengthBits: 0,
    connectedSinceWallUs: null,
    lastDisconnectCause: null,
    reconnects: 0,
  };
  #connections = 0;
  /** Whether the cause is advice to a camera that has not come in. */
  #isAdvice = false;

  /** Where it stands now. */
  report(): ConnectionReport {
    return this.#report;
  }

  /** We are calling, or the camera is not answering yet. */
  connecting(): void {
    if (this.#report.state !== "connected") {
      this.#report = { ...this.#report, state: "connecting" };
    }
  }

  /** The stream is there. */
  connected(peer: string | null, keyLengthBits: number, nowWallUs: number): void {
    this.#connections += 1;
    const reconnects = this.#connections - 1;
    const lastDisconnectCause = this.#isAdvice ? null : this.#report.lastDisconnectCause;
    this.#isAdvice = false;
    this.#report = {
      ...this.#report,
      ...{ state: "connected", peer, keyLengthBits, connectedSinceWallUs: nowWallUs, reconnects, lastDisconnectCause },
    };
  }

  /** The stream ended, or an attempt failed. cause: in words. */
  disconnected(cause: string): void {
    this.#isAdvice = false;
    this.#report = {
      ...this.#report,
      ...{ state: "disconnected", keyLengthBits: 0, connectedSinceWallUs: null, lastDisconnectCause: cause },
    };
  }

  /** Takes an event of native/srt. A rejected caller is not the camera's connection: it may be anyone, and only of use where none is. */
  apply(event: SrtEvent, nowWallUs: number): void {
    switch (event.kind) {
      case "connected":
        this.connected(event.peer, event.keyLengthBits, nowWallUs);
        break;
      case "disconnected":
        this.disconnected(event.reason);
        break;
      case "rejected":
        if (event.callPort !== 0 && this.#report.state !== "connected") {
          const host = event.peer.slice(0, event.peer.lastIndexOf(":"));
          this.#isAdvice = true;
          this.#report = { ...this.#report, lastDisconnectCause: `${event.reason}: ${host} called another one` };
        }
        break;
      default:
        assertNever(event.kind);
    }
  }
}
