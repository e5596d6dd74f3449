/** Frames and records whose every byte follows from their sequence, so that one foreign byte is seen. */
import type { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { grayMeta, packetMeta } from "../support/frames.ts";
import { fnv1a64 } from "./fnv.ts";

const WORDS_A_PAGE = 1024; // 4096 bytes

/** Words of 32 bits, each sequence · 2654435761 (Knuth's multiplier: all four bytes change) plus its index. Units: bytes, a multiple of 4. */
export function bytesOfSequence(sequence: bigint, bytes: number): Uint8Array {
  const words = new Uint32Array(bytes / 4);
  fillBySequence(words, sequence);
  return new Uint8Array(words.buffer);
}

/** The hash a reader must come to. */
export function hashOfSequence(sequence: bigint, bytes: number): string {
  return fnv1a64(bytesOfSequence(sequence, bytes));
}

/** Publishes a grey frame of one row. */
export function publishBySequence(writer: SlotRingWriter, sequence: bigint, bytes: number): void {
  const slot = writer.reserve();
  fillBySequence(new Uint32Array(slot.bytes.buffer, slot.bytes.byteOffset, bytes / 4), sequence);
  writer.publish(slot.index, { ...grayMeta(bytes, 1), pts90k: sequence });
}

/** Publishes a grey frame of one row that is zero but for one word a page, which makes writing it quick. */
export function publishSparse(writer: SlotRingWriter, sequence: bigint, bytes: number): void {
  const slot = writer.reserve();
  fillSparse(new Uint32Array(slot.bytes.buffer, slot.bytes.byteOffset, bytes / 4), sequence);
  writer.publish(slot.index, grayMeta(bytes, 1));
}

/** The hash of a frame of publishSparse. */
export function hashOfSparse(sequence: bigint, bytes: number): string {
  const words = new Uint32Array(bytes / 4);
  fillSparse(words, sequence);
  return fnv1a64(new Uint8Array(words.buffer));
}

/** Appends a packet. */
export function appendBySequence(writer: ByteRingWriter, sequence: bigint, bytes: number): void {
  writer.append(packetMeta({ pts90k: sequence }), bytesOfSequence(sequence, bytes));
}

function fillBySequence(words: Uint32Array, sequence: bigint): void {
  const first = wordOf(sequence);
  for (let i = 0; i < words.length; i++) {
    words[i] = first + i;
  }
}

function fillSparse(words: Uint32Array, sequence: bigint): void {
  const word = wordOf(sequence);
  for (let i = 0; i < words.length; i += WORDS_A_PAGE) {
    words[i] = word;
  }
}

function wordOf(sequence: bigint): number {
  return Number((sequence * 2_654_435_761n) & 0xffff_ffffn);
}
