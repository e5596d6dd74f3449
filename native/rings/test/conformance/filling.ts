/** Frames and records whose every byte follows from their sequence, so that one foreign byte is seen. */
import type { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { grayMeta, packetMeta } from "../support/frames.ts";
import { fnv1a64 } from "./fnv.ts";

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

/** Appends a packet. */
export function appendBySequence(writer: ByteRingWriter, sequence: bigint, bytes: number): void {
  writer.append(packetMeta({ pts90k: sequence }), bytesOfSequence(sequence, bytes));
}

function fillBySequence(words: Uint32Array, sequence: bigint): void {
  const first = Number((sequence * 2_654_435_761n) & 0xffff_ffffn);
  for (let i = 0; i < words.length; i++) {
    words[i] = first + i;
  }
}
