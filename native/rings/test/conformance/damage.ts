/** What a writer gone wrong writes: random changes of a ring's bytes, of the kind that breaks arithmetic. */

import { AT, type RingImage } from "./ring-image.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A write of up to eight bytes. */
export type Change = { offset: number; bytes: Buffer };

type Region = [from: number, end: number];

const NASTY = [
  0n,
  1n,
  3n,
  63n,
  64n,
  127n,
  128n,
  4095n,
  4096n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 64n,
  2n ** 64n - 1n,
] as const;

const HEADER: Region = [0, 448];
const LIVE_WORDS: Region = [128, 328];
const BYTE_RING_WORDS: Region = [AT.head, AT.newestKey + 8];
const DESCRIPTION_BYTES: Region = [AT.descriptionBytes, AT.descriptionBytes + 4]; // the stamp is in HEADER: each odd one costs 10 ms

/** Where damage of a ring is worth most: words that are looked at, and what they lead to. */
export function regionsOf(image: RingImage): [Region, ...Region[]] {
  const text: Region = [AT.description, AT.description + 96];
  return image.isSlots
    ? [
        HEADER,
        LIVE_WORDS,
        [AT.newest, AT.newest + 8],
        [AT.table, image.slotAt(0)],
        newestEntry(image),
        DESCRIPTION_BYTES,
        text,
      ]
    : [HEADER, BYTE_RING_WORDS, BYTE_RING_WORDS, [AT.table, image.bytes.length], heads(image), DESCRIPTION_BYTES, text];
}

function newestEntry(image: RingImage): Region {
  return [image.stampAt(image.newestSlot), image.frameAt(image.newestSlot) + 160];
}

/** The oldest record's head; the ring's first page of data when there is none. */
function heads(image: RingImage): Region {
  const at = image.recordAt(image.u64(AT.tail));
  return [at, Math.min(at + 128, image.bytes.length)];
}

/** One to four changes, most of them small lies in one place. */
export function randomChanges(random: SeededRandom, image: RingImage): Change[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const [from, end] = random.oneOf(regionsOf(image));
    const at = from + random.below(Math.max(end - from - 8, 1));
    const aligned = random.below(4) === 0 ? at : Math.floor(at / 4) * 4;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value(random));
    return { offset: aligned, bytes: bytes.subarray(0, random.oneOf([1, 4, 4, 8])) };
  });
}

function value(random: SeededRandom): bigint {
  const any = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  return random.below(2) === 0 ? random.oneOf(NASTY) : any >> BigInt(random.below(64));
}

/** Applies changes to an image. */
export function damage(image: RingImage, changes: readonly Change[]): RingImage {
  for (const { offset, bytes } of changes) {
    bytes.copy(image.bytes, offset);
  }
  return image;
}
