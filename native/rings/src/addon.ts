/** The native addon's face, as binding/*.cpp registers it. Converts nothing; statuses are numbers (status.ts). */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ringErrors } from "./error-codes.ts";

declare const handleBrand: unique symbol;

/** An opaque native handle; which kind, the type parameter says. */
export type Handle<Kind extends string> = { readonly [handleBrand]: Kind };

/** What ltn_ring_inspect tells; kind 1 is a slot ring, 2 a byte ring. */
export type InspectedRing = {
  kind: number;
  writerPid: number;
  alive: boolean;
  slots: number;
  slotBytes: number;
  capacityBytes: number;
  totalBytes: number;
  lastSequence: bigint;
  incarnation: bigint;
  createdWallUs: number;
  busy: bigint;
  headBytes: bigint;
  tailBytes: bigint;
};

/** What ltn_ring_readers tells of one seat. leasedSlots: bit i stands for slot i. */
export type InspectedReader = {
  seat: number;
  alive: boolean;
  pid: number;
  program: string;
  leasedSlots: bigint;
  lastAskedMonoNs: bigint;
  taken: bigint;
  missed: bigint;
};

/** One field of the shared-memory layout. */
export type LayoutField = { object: string; field: string; offsetBytes: number; sizeBytes: number };

/** Functions of rings.node. A number where something else could stand is a status. */
export interface RingsAddon {
  slotWriterOpen(name: string, slots: number, slotBytes: number): Handle<"slot-writer">;
  slotWriterDescribe(writer: Handle<"slot-writer">, json: string): number;
  slotWriterReserve(writer: Handle<"slot-writer">): number;
  slotWriterBuffer(writer: Handle<"slot-writer">, index: number): ArrayBuffer;
  slotWriterPublish(writer: Handle<"slot-writer">, index: number, frame: Uint8Array, keep: boolean): number;
  slotWriterRelease(writer: Handle<"slot-writer">, index: number): number;
  slotWriterReaders(writer: Handle<"slot-writer">): number;
  slotWriterClose(writer: Handle<"slot-writer">): void;

  slotReaderOpen(name: string): Handle<"slot-reader">;
  slotObserverOpen(name: string): Handle<"slot-reader">;
  slotReaderIncarnation(reader: Handle<"slot-reader">): bigint;
  slotReaderDescription(reader: Handle<"slot-reader">): string | number;
  slotReaderLease(
    reader: Handle<"slot-reader">,
    after: bigint,
    frame: Uint8Array,
  ): [Handle<"lease">, ArrayBuffer] | number;
  leaseRelease(lease: Handle<"lease">, buffer: ArrayBuffer): void;
  slotReaderCopy(reader: Handle<"slot-reader">, after: bigint, frame: Uint8Array, into: Uint8Array): number;
  slotReaderDescribeNewest(reader: Handle<"slot-reader">, after: bigint, frame: Uint8Array): number;
  slotReaderWait(reader: Handle<"slot-reader">, after: bigint, timeoutMs: number): number | Promise<number>;
  slotReaderCancel(reader: Handle<"slot-reader">): void;
  slotReaderClose(reader: Handle<"slot-reader">): void;

  byteWriterOpen(name: string, capacityBytes: number): Handle<"byte-writer">;
  byteWriterDescribe(writer: Handle<"byte-writer">, json: string): number;
  byteWriterAppend(writer: Handle<"byte-writer">, record: Uint8Array, payload: Uint8Array): number;
  byteWriterGrow(writer: Handle<"byte-writer">, capacityBytes: number): number;
  byteWriterClose(writer: Handle<"byte-writer">): void;

  byteReaderOpen(name: string): Handle<"byte-reader">;
  byteReaderIncarnation(reader: Handle<"byte-reader">): bigint;
  byteReaderDescription(reader: Handle<"byte-reader">): [number, string] | number;
  byteReaderSeek(reader: Handle<"byte-reader">, whence: number, sequence: bigint): number;
  byteReaderNext(reader: Handle<"byte-reader">, recordAndDropped: Uint8Array): Buffer | number;
  byteReaderWait(reader: Handle<"byte-reader">, timeoutMs: number): number | Promise<number>;
  byteReaderCancel(reader: Handle<"byte-reader">): void;
  byteReaderClose(reader: Handle<"byte-reader">): void;

  lastError(): string;
  inspect(name: string): InspectedRing | number;
  readers(name: string): InspectedReader[] | number;
  freeDeadSeats(name: string): [number] | number;
  removeDead(name: string): [number] | number;
  layout(): LayoutField[];
  detach(buffer: ArrayBuffer): void;
}

const file = fileURLToPath(new URL("../dist/rings.node", import.meta.url));

function load(): RingsAddon {
  try {
    return createRequire(import.meta.url)(file) as RingsAddon;
  } catch (cause) {
    throw ringErrors.make(
      "RING_ADDON_MISSING",
      { file, reason: cause instanceof Error ? cause.message.split("\n")[0] : cause },
      cause,
    );
  }
}

/** The loaded addon. Throws (at import): RING_ADDON_MISSING. */
export const addon: RingsAddon = load();
