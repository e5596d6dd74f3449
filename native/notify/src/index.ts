/**
 * Unix datagrams: sd_notify(3) without starting a program, and a listener for tests of it.
 * Does: one datagram out, waiting datagrams in. Does not: decide when to notify (lifecycle of @lanthorn/base), read the
 * environment, throw LanthornError (@lanthorn/base stands on this package). Tested: test/notify.test.ts.
 */
import { addon, type NativeDatagramListener } from "./addon.ts";
import { errnoWords } from "./errno-words.ts";

/**
 * Sends one datagram to a unix socket; a path that begins with `@` is an abstract socket.
 * Returns undefined when it was sent, else the reason in words (`ENOENT: no such file or directory`): whether that
 * matters is the caller's to say. Waits at most 100 ms when the receiver's queue is full.
 */
export function sendDatagram(socketPath: string, message: string): string | undefined {
  const errno = addon.sendDatagram(socketPath, message);
  return errno === 0 ? undefined : errnoWords(errno);
}

/**
 * Tells systemd something, e.g. `READY=1` or `WATCHDOG=1`; several lines may be joined by `\n`.
 * A no-op when notifySocketPath is undefined or empty (not started by systemd). Returns undefined when sent or not
 * needed, else the reason in words. Source: sd_notify(3).
 */
export function notifySystemd(message: string, notifySocketPath: string | undefined): string | undefined {
  return notifySocketPath === undefined || notifySocketPath === ""
    ? undefined
    : sendDatagram(notifySocketPath, message);
}

/**
 * A unix datagram socket that plays systemd in tests: NOTIFY_SOCKET is its path.
 * Owner: close() when done; it removes the socket's file. A path that begins with `@` makes an abstract socket.
 */
export class DatagramListener {
  readonly path: string;
  readonly #native: NativeDatagramListener;

  private constructor(path: string, native: NativeDatagramListener) {
    this.path = path;
    this.#native = native;
  }

  /** Binds the socket. Throws: a TypeError naming path and reason when that fails. */
  static listen(path: string): DatagramListener {
    const native = new addon.DatagramListener();
    const errno = native.open(path);
    if (errno !== 0) {
      throw new TypeError(`Expected a free path for a datagram socket but ${path} gave ${errnoWords(errno)}`);
    }
    return new DatagramListener(path, native);
  }

  /** Takes every datagram that waits now, oldest first, without waiting; an empty array when there is none. */
  receive(): string[] {
    const messages: string[] = [];
    for (let next = this.#native.receive(); next !== undefined; next = this.#native.receive()) {
      messages.push(next);
    }
    return messages;
  }

  /** Closes the socket and removes its file; may be called twice. */
  close(): void {
    this.#native.close();
  }
}
