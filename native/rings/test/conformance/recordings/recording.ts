/** What the recordings share: rings written by today's writer, their changing words made the same in every run. */
import { ByteRingWriter, type FrameMeta, type RecordMeta, SlotRingWriter } from "../../../src/index.ts";
import { testRingName } from "../../support/ring-names.ts";
import { type Answer, frameAnswer, recordAnswer } from "../answers.ts";
import { fnv1a64 } from "../fnv.ts";
import { AT, RingImage } from "../ring-image.ts";
import type { Step, Vector } from "../vector.ts";

/** A vector before it is written to its two files. */
export type Recording = Vector & { name: string; image: RingImage };

/** A frame to be published. */
export type FrameToWrite = { meta: Omit<FrameMeta, "sequence" | "publishMonoNs">; bytes: Uint8Array };

/** A record to be appended. */
export type RecordToWrite = { meta: Omit<RecordMeta, "sequence" | "descriptionVersion">; payload: Uint8Array };

/** Incarnation of every recorded ring. */
export const INCARNATION = 0x1122_3344_5566_7788n;

const PUBLISH_MONO_NS = 5_000_000_000_123n;
const PUBLISH_IN_FRAME = 32;

/** The answer to opening. */
export const OPENED: Answer = { incarnation: String(INCARNATION) };

/** Words that differ from run to run become constants. */
function settle(image: RingImage): RingImage {
  image.setU64(AT.incarnation, INCARNATION).setU64(AT.createdWallUs, 1_700_000_000_000_000n);
  image.setU64(AT.writerStartTicks, 4242n).setU32(AT.writerPid, 4242);
  for (let slot = 0; slot < image.u32(AT.slots); slot++) {
    if (image.u64(image.frameAt(slot)) !== 0n) {
      image.setU64(image.frameAt(slot) + PUBLISH_IN_FRAME, PUBLISH_MONO_NS);
    }
  }
  return image;
}

/** The bytes of a slot ring after these frames were published. */
export function slotImage(frames: FrameToWrite[], description?: object, slotBytes = 4096): RingImage {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes });
  if (description !== undefined) {
    writer.describe(description);
  }
  for (const { meta, bytes } of frames) {
    const slot = writer.reserve();
    slot.bytes.set(bytes);
    writer.publish(slot.index, meta);
  }
  return settle(RingImage.of(writer.name));
}

/** The bytes of a byte ring after these records were appended, each description before the record of its index. */
export function byteImage(
  records: RecordToWrite[],
  descriptions: Record<number, object>,
  capacityBytes = 4096,
): RingImage {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes });
  records.forEach(({ meta, payload }, i) => {
    const description = descriptions[i];
    if (description !== undefined) {
      writer.describe(description);
    }
    writer.append(meta, payload);
  });
  return settle(RingImage.of(writer.name));
}

/** What must come out for a frame: description and hash. */
export function frameFields(frame: FrameToWrite, sequence: number): { frame: object; hash: string } {
  const meta = { ...frame.meta, sequence: BigInt(sequence), publishMonoNs: PUBLISH_MONO_NS };
  return { frame: frameAnswer(meta), hash: fnv1a64(frame.bytes.subarray(0, frame.meta.bytes)) };
}

/** Reading the newest frame in all ways, and nothing after it. */
export function frameSteps(frame: FrameToWrite, sequence: number, canLease = true): Step[] {
  const { frame: described, hash } = frameFields(frame, sequence);
  return [
    ["copy 0", { frame: described, hash }],
    ["peek 0", { frame: described }],
    ["whole", { whole: true, hash }],
    ...(canLease
      ? ([
          ["lease 0", { frame: described, hash }],
          ["lease-hash #", { hash }],
          ["release #", {}],
        ] satisfies Step[])
      : ([["lease 0", { error: "TORN" }]] satisfies Step[])),
    [`copy ${sequence}`, { error: "GONE" }],
    [`wait ${sequence} 0`, { error: "GONE" }],
  ];
}

/** The step that reads a record. */
export function recordStep(
  record: RecordToWrite,
  { sequence, descriptionVersion, dropped = 0 }: { sequence: number; descriptionVersion: number; dropped?: number },
): Step {
  const meta = { ...record.meta, sequence: BigInt(sequence), descriptionVersion };
  return [
    "next",
    {
      record: recordAnswer(meta, record.payload.length),
      dropped: String(dropped),
      hash: fnv1a64(record.payload),
    },
  ];
}

/** The answer to `description`. */
export function described(value: object): Answer {
  return { hex: Buffer.from(JSON.stringify(value)).toString("hex") };
}
