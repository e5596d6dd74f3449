/** Codes of all embeddings in memory, and the search among them. Knows no database; `similarity-index.ts` feeds it. */
import type { CodeQuery } from "./code-space.ts";
import { type HammingKernel, makeHammingKernel, makeWasmMemory } from "./hamming-kernel.ts";

/** Slots that grow and go together. Memory that no slot has used yet costs nothing: the kernel gives pages when they are written. */
const CHUNK_SLOTS = 1 << 18;
/** Of so many that differ in the fewest bits, the best by weighed bits are taken. */
const COARSE_FACTOR = 10;

/** The group of slots that are no more. */
export const DEAD_GROUP = 0;
/** Groups there are: a camera and a label each. */
export const GROUPS_MAX = 65_535;

/** What is known of an embedding beside its code. */
export interface SlotFacts {
  /** Row of the embedding; slots are added in its order. */
  readonly rowId: number;
  readonly eventId: number;
  readonly group: number;
}

/** Which slots count. */
export interface SlotFilter {
  /** By group: 1 where it counts. */
  readonly groups: Uint8Array;
  /** Event ids from … to before. */
  readonly fromEventId: number;
  readonly toEventId: number;
}

class Chunk {
  readonly codes: Uint8Array;
  readonly distances: Uint16Array;
  readonly rowIds: Float64Array;
  readonly eventIds: Float64Array;
  readonly groups: Uint16Array;
  readonly #query: Uint8Array;
  readonly #kernel: HammingKernel;
  used = 0;

  constructor(codeBytes: number, slots: number) {
    const bytes = codeBytes + slots * (2 + codeBytes);
    const memory = makeWasmMemory(bytes);
    this.#kernel = makeHammingKernel(codeBytes, memory);
    this.#query = new Uint8Array(memory.buffer, 0, codeBytes);
    this.codes = new Uint8Array(memory.buffer, codeBytes, slots * codeBytes);
    this.distances = new Uint16Array(memory.buffer, codeBytes * (1 + slots), slots);
    this.rowIds = new Float64Array(slots);
    this.eventIds = new Float64Array(slots);
    this.groups = new Uint16Array(slots);
  }

  measure(code: Uint8Array): void {
    if (this.used > 0) {
      this.#query.set(code);
      const { byteLength, byteOffset } = this.codes;
      const end = byteOffset + (byteLength / this.rowIds.length) * this.used;
      this.#kernel(byteOffset, this.#query.byteOffset, this.distances.byteOffset, end);
    }
  }
}

/** An index over codes of one length. Slots are numbers from 0, valid until compact(). */
export class CodeIndex {
  readonly #codeBytes: number;
  readonly #chunkSlots: number;
  readonly #chunks: Chunk[] = [];
  #size = 0;
  #dead = 0;

  /** chunkSlots: a multiple of 8. */
  constructor(codeBytes: number, chunkSlots: number = CHUNK_SLOTS) {
    this.#codeBytes = codeBytes;
    this.#chunkSlots = chunkSlots;
  }

  /** Slots, dead ones among them. */
  get size(): number {
    return this.#size;
  }

  /** Slots that are no more but still lie between others. */
  get dead(): number {
    return this.#dead;
  }

  /** Bytes that the slots in use take. */
  get bytes(): number {
    return this.#size * (this.#codeBytes + 8 + 8 + 2 + 2);
  }

  /** Adds an embedding behind all others. write: puts its code at an offset. Returns its slot. */
  add({ rowId, eventId, group }: SlotFacts, write: (into: Uint8Array, offset: number) => void): number {
    if (this.#size === this.#chunks.length * this.#chunkSlots) {
      this.#chunks.push(new Chunk(this.#codeBytes, this.#chunkSlots));
    }
    const chunk = this.#chunks.at(-1) as Chunk;
    const at = chunk.used++;
    write(chunk.codes, at * this.#codeBytes);
    chunk.rowIds[at] = rowId;
    chunk.eventIds[at] = eventId;
    chunk.groups[at] = group;
    return this.#size++;
  }

  /** The embedding's row in a slot. */
  rowIdOf(slot: number): number {
    const [chunk, at] = this.#place(slot);
    return chunk.rowIds[at] as number;
  }

  /** The slot of a row; undefined when there is none, or it is dead. */
  slotOf(rowId: number): number | undefined {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rowIdOf(middle) < rowId) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const isThere = low < this.#size && this.rowIdOf(low) === rowId && this.#groupOf(low) !== DEAD_GROUP;
    return isThere ? low : undefined;
  }

  /** Says that a slot's camera and label are others now. */
  regroup(slot: number, group: number): void {
    const [chunk, at] = this.#place(slot);
    if (chunk.groups[at] !== DEAD_GROUP) {
      chunk.groups[at] = group;
    }
  }

  /** Says that a slot's embedding is no more. */
  kill(slot: number): void {
    const [chunk, at] = this.#place(slot);
    this.#dead += chunk.groups[at] === DEAD_GROUP ? 0 : 1;
    chunk.groups[at] = DEAD_GROUP;
  }

  /** Kills every slot whose mark is 0. */
  killUnmarked(marks: Uint8Array): void {
    for (let slot = 0; slot < this.#size; slot++) {
      if (marks[slot] === 0) {
        this.kill(slot);
      }
    }
  }

  /** Closes the holes that dead slots left; every slot is another one after it. */
  compact(): void {
    let to = 0;
    for (let from = 0; from < this.#size; from++) {
      if (this.#groupOf(from) !== DEAD_GROUP) {
        this.#move(from, to++);
      }
    }
    this.#size = to;
    this.#dead = 0;
    this.#chunks.length = Math.ceil(to / this.#chunkSlots);
    for (const [number, chunk] of this.#chunks.entries()) {
      chunk.used = Math.min(this.#chunkSlots, to - number * this.#chunkSlots);
    }
  }

  /** The slots that seem nearest to a query, at most so many, best first. */
  candidates({ code, table }: CodeQuery, filter: SlotFilter, count: number): number[] {
    const coarse = this.#nearest(code, filter, count * COARSE_FACTOR);
    const likeness = new Float64Array(coarse.length);
    for (const [index, slot] of coarse.entries()) {
      const [chunk, at] = this.#place(slot);
      for (let byte = 0; byte < this.#codeBytes; byte++) {
        const bits = chunk.codes[at * this.#codeBytes + byte] as number;
        likeness[index] = (likeness[index] as number) + (table[byte * 256 + bits] as number);
      }
    }
    return Array.from(coarse.keys())
      .sort((a, b) => (likeness[b] as number) - (likeness[a] as number))
      .slice(0, count)
      .map((index) => coarse[index] as number);
  }

  /** Slots with the fewest differing bits: how many have each distance is counted first, which says where to stop. */
  #nearest(code: Uint8Array, filter: SlotFilter, count: number): number[] {
    const farthest = this.#codeBytes * 8;
    const byDistance = new Uint32Array(farthest + 1);
    for (const chunk of this.#chunks) {
      chunk.measure(code);
      const { distances, used } = chunk;
      for (let at = 0; at < used; at++) {
        if (counts(chunk, at, filter)) {
          const distance = distances[at] as number;
          byDistance[distance] = (byDistance[distance] as number) + 1;
        }
      }
    }
    let [limit, nearer] = [0, 0];
    while (limit < farthest && nearer + (byDistance[limit] as number) <= count) {
      nearer += byDistance[limit++] as number;
    }
    return this.#within(limit, count - nearer, filter);
  }

  /** Slots nearer than a distance, and so many at it. */
  #within(limit: number, atLimit: number, filter: SlotFilter): number[] {
    const found: number[] = [];
    let left = atLimit;
    for (const [number, chunk] of this.#chunks.entries()) {
      const { distances, used } = chunk;
      for (let at = 0; at < used; at++) {
        const distance = distances[at] as number;
        if (distance <= limit && counts(chunk, at, filter) && (distance < limit || left-- > 0)) {
          found.push(number * this.#chunkSlots + at);
        }
      }
    }
    return found;
  }

  #groupOf(slot: number): number {
    const [chunk, at] = this.#place(slot);
    return chunk.groups[at] as number;
  }

  #place(slot: number): [chunk: Chunk, at: number] {
    return [this.#chunks[Math.floor(slot / this.#chunkSlots)] as Chunk, slot % this.#chunkSlots];
  }

  #move(from: number, to: number): void {
    const [source, s] = this.#place(from);
    const [target, t] = this.#place(to);
    const bytes = this.#codeBytes;
    target.codes.set(source.codes.subarray(s * bytes, (s + 1) * bytes), t * bytes);
    target.rowIds[t] = source.rowIds[s] as number;
    target.eventIds[t] = source.eventIds[s] as number;
    target.groups[t] = source.groups[s] as number;
  }
}

function counts(chunk: Chunk, at: number, { groups, fromEventId, toEventId }: SlotFilter): boolean {
  const eventId = chunk.eventIds[at] as number;
  return groups[chunk.groups[at] as number] === 1 && eventId >= fromEventId && eventId < toEventId;
}
