/**
 * Notices when somebody else clears one of our discovery topics: Home Assistant does so when its user deletes a device.
 * Our own messages come back to us on these topics, too, and must not be taken for that. Pure; one for each connection.
 */
import type { OutgoingMessage } from "./topics.ts";

/** What a connection knows of the discovery topics it listens to. */
export class DiscoveryWatch {
  readonly #prefix: string;
  readonly #watched = new Set<string>();
  /** Empty messages of ours that have not come back yet, by topic. */
  readonly #ownClears = new Map<string, number>();

  constructor(discoveryPrefix: string) {
    this.#prefix = `${discoveryPrefix}/device/`;
  }

  /** Whether this is a discovery topic. */
  includes(topic: string): boolean {
    return topic.startsWith(this.#prefix);
  }

  /** Discovery topics among these messages that are not listened to yet. */
  unwatched(messages: readonly OutgoingMessage[]): string[] {
    return messages.map(({ topic }) => topic).filter((topic) => this.includes(topic) && !this.#watched.has(topic));
  }

  /** Hears that these topics are listened to now. */
  subscribed(topics: readonly string[]): void {
    for (const topic of topics) {
      this.#watched.add(topic);
    }
  }

  /** Hears that this message goes out. */
  sending({ topic, payload }: OutgoingMessage): void {
    if (payload.length === 0 && this.#watched.has(topic)) {
      this.#ownClears.set(topic, (this.#ownClears.get(topic) ?? 0) + 1);
    }
  }

  /** Takes a message on a discovery topic; true when somebody else cleared it. */
  isClearedByOthers(topic: string, payload: Buffer): boolean {
    if (payload.length > 0) {
      return false;
    }
    const own = this.#ownClears.get(topic) ?? 0;
    if (own === 0) {
      return true;
    }
    this.#ownClears.set(topic, own - 1);
    return false;
  }
}
