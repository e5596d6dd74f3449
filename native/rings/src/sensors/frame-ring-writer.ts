/** Writes frames of one format and size, made in JavaScript, into a slot ring. */
import { SlotRingWriter } from "../slot-ring-writer.ts";
import type { CaptureTime } from "./capture-time.ts";
import { type FramePlanes, framePlanes } from "./pixel-formats.ts";
import { type PlaneView, planeView } from "./plane-views.ts";

/** One frame being spared and one being written beside two that readers hold; more readers may hold one and the same frame. */
const DEFAULT_SLOTS = 4;

type FrameKind = { pixelFormat: string; widthPx: number; heightPx: number; colorSpace: string; colorRange: string };

/** Owner of a slot ring whose frames are all alike; knows where their planes lie. */
export class FrameRingWriter {
  readonly name: string;
  readonly #ring: SlotRingWriter;
  readonly #layout: FramePlanes;
  readonly #frame: FrameKind;
  readonly #views: (PlaneView[] | undefined)[] = [];

  private constructor(ring: SlotRingWriter, layout: FramePlanes, frame: FrameKind) {
    this.name = ring.name;
    this.#ring = ring;
    this.#layout = layout;
    this.#frame = frame;
  }

  /**
   * Makes the ring. colorSpace and colorRange: FFmpeg's names. description: as describeDepth and the like make it.
   * Throws: as SlotRingWriter.create; RING_PIXEL_FORMAT_UNKNOWN.
   */
  static create(options: {
    name: string;
    pixelFormat: string;
    widthPx: number;
    heightPx: number;
    description: object;
    colorSpace?: string;
    colorRange?: string;
    slots?: number;
  }): FrameRingWriter {
    const { name, pixelFormat, widthPx, heightPx, slots = DEFAULT_SLOTS } = options;
    const { colorSpace = "unknown", colorRange = "unknown" } = options;
    const layout = framePlanes(options);
    const ring = SlotRingWriter.create({ name, slots, slotBytes: layout.bytes });
    ring.describe(options.description);
    return new FrameRingWriter(ring, layout, { pixelFormat, widthPx, heightPx, colorSpace, colorRange });
  }

  /**
   * Has a frame drawn into a free slot and publishes it. draw: the planes still hold an older frame. Returns the frame's sequence.
   * Throws: RING_BUSY when every slot is leased (drop the frame), RING_CLOSED, and what draw throws (nothing is published then).
   */
  write(draw: (planes: readonly PlaneView[]) => void, time: CaptureTime & { pts90k: bigint }): bigint {
    const { index, bytes } = this.#ring.reserve();
    try {
      this.#views[index] ??= this.#layout.planes.map((plane) => planeView(plane, bytes));
      draw(this.#views[index]);
    } catch (error) {
      this.#ring.release(index);
      throw error;
    }
    return this.#ring.publish(index, {
      ...this.#frame,
      captureMonoNs: time.captureMonoNs,
      captureWallUs: time.captureWallUs,
      pts90k: time.pts90k,
      arrivalMonoNs: 0n,
      sourceSequence: 0n,
      key: true,
      planes: this.#layout.planes,
      bytes: this.#layout.bytes,
    });
  }

  /** Marks the ring gone and frees its name. May be called twice. Views handed to draw become empty. */
  close(): void {
    this.#ring.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
