/** A depth camera: 16 bits of millimetres or floats of metres. */
import { DEPTH_SCALES, describeDepth, FrameRingWriter, type PlaneView } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";
import { Room } from "./room.ts";

/** The still room, with so many different noises that it seems alive. */
const STILLS = 4;

type DepthOptions = {
  name: string;
  sensor: string;
  format: keyof typeof DEPTH_SCALES;
  widthPx: number;
  heightPx: number;
  fps: number;
};

/** The simulated depth camera. */
export class DepthSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz: number;
  readonly #options: DepthOptions;
  #room: Room | undefined;
  #stills: (Uint16Array | Float32Array)[] = [];
  #writer: FrameRingWriter | undefined;

  constructor(options: DepthOptions) {
    const { name, format, widthPx, heightPx, fps } = options;
    const unit = format === "gray16le" ? "millimetres" : "metres";
    const what = `${widthPx}×${heightPx} ${format} of ${unit}, ${fps} fps`;
    this.rings = [{ name, kind: "frames", what, written: 0, dropped: 0 }];
    this.rateHz = fps;
    this.#options = options;
  }

  open(): void {
    const { name, sensor, format: pixelFormat, widthPx, heightPx } = this.#options;
    const description = describeDepth({ sensor, pixelFormat });
    this.#writer = FrameRingWriter.create({ name, pixelFormat, widthPx, heightPx, description });
    const room = new Room(widthPx, heightPx);
    this.#room = room;
    this.#stills = Array.from({ length: STILLS }, () => {
      const still =
        pixelFormat === "gray16le" ? new Uint16Array(widthPx * heightPx) : new Float32Array(widthPx * heightPx);
      room.drawStill(this.#setterOf(still));
      return still;
    });
  }

  tick(tick: Tick): void {
    const pts90k = BigInt(Math.round(tick.elapsedS * 90_000));
    const still = this.#stills[Math.floor(Math.random() * STILLS)];
    const drawPlane = ([plane]: readonly PlaneView[]) => {
      if (plane !== undefined && still !== undefined) {
        plane.samples.set(still);
        this.#room?.drawSphere(tick.elapsedS, this.#setterOf(plane.samples));
      }
    };
    tally(this.rings[0], () => this.#writer?.write(drawPlane, { ...tick, pts90k }));
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  #setterOf(samples: PlaneView["samples"]): (index: number, depthM: number) => void {
    const { metresPerUnit } = DEPTH_SCALES[this.#options.format];
    if (metresPerUnit === 1) {
      return (index, depthM) => {
        samples[index] = depthM;
      };
    }
    return (index, depthM) => {
      samples[index] = Math.round(depthM / metresPerUnit);
    };
  }
}
