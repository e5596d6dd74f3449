/**
 * What the broker should hold: the newest message of every retained topic, and which of them it has not got yet. Pure.
 * Bounded by the number of topics: a newer message takes the place of an older one that was never sent.
 */
import type { OutgoingMessage } from "./topics.ts";

/** The wanted state of all retained topics. An empty payload is a topic to be cleared. */
export class RetainedState {
  readonly #wanted = new Map<string, OutgoingMessage>();
  /** Topics whose wanted message the broker has not acknowledged, oldest change first. */
  readonly #dirty = new Set<string>();
  /** Topics that someone else cleared on purpose: kept quiet until asked. */
  readonly #silenced = new Set<string>();

  /** Wants this message on its topic. Returns whether there is something to send. */
  set(message: OutgoingMessage): boolean {
    const before = this.#wanted.get(message.topic);
    if (before !== undefined && isSame(before.payload, message.payload)) {
      return false;
    }
    this.#wanted.set(message.topic, message);
    return this.#mark(message.topic);
  }

  /** Wants nothing on this topic: an empty retained message clears it at the broker. */
  clear(topic: string): void {
    this.#silenced.delete(topic);
    this.#wanted.set(topic, { topic, payload: "", retain: true, qos: 1 });
    this.#dirty.add(topic);
  }

  /** Accepts that someone cleared this topic. Returns false when it was not ours to begin with. */
  silence(topic: string): boolean {
    const wanted = this.#wanted.get(topic);
    if (wanted === undefined || wanted.payload.length === 0) {
      return false;
    }
    this.#silenced.add(topic);
    this.#dirty.delete(topic);
    return true;
  }

  /** Speaks again on silenced topics. */
  unsilence(): void {
    const topics = [...this.#silenced];
    this.#silenced.clear();
    for (const topic of topics) {
      this.#mark(topic);
    }
  }

  /** Marks one topic, or all of them, as not known to the broker. */
  markDirty(topic?: string): void {
    for (const each of topic === undefined ? this.#wanted.keys() : [topic]) {
      this.#mark(each);
    }
  }

  /** The next messages to send, oldest change first. */
  next(limit: number): OutgoingMessage[] {
    const messages: OutgoingMessage[] = [];
    for (const topic of this.#dirty) {
      const message = this.#wanted.get(topic);
      if (message !== undefined) {
        messages.push(message);
      }
      if (messages.length === limit) {
        break;
      }
    }
    return messages;
  }

  /** Hears that the broker has this message. Returns true when that cleared the topic for good. */
  sent(message: OutgoingMessage): boolean {
    if (this.#wanted.get(message.topic) !== message) {
      return false; // changed while it was under way: still dirty
    }
    this.#dirty.delete(message.topic);
    if (message.payload.length > 0) {
      return false;
    }
    this.#wanted.delete(message.topic);
    return true;
  }

  /** How many topics hold something, and how many the broker does not know of yet. */
  get size(): { readonly topics: number; readonly dirty: number } {
    return { topics: this.#wanted.size, dirty: this.#dirty.size };
  }

  #mark(topic: string): boolean {
    if (this.#silenced.has(topic) || !this.#wanted.has(topic)) {
      return false;
    }
    this.#dirty.add(topic);
    return true;
  }
}

function isSame(one: string | Buffer, other: string | Buffer): boolean {
  return typeof one === "string" || typeof other === "string" ? one === other : one.equals(other);
}
