/** Results: where the ball is in each frame of a camera, as a model would say it. Shape: result records of @lanthorn/contract. */
import { ByteRingWriter, describeResults, encodeResultJson, RECORD_TYPES, sampleRecord } from "../../../src/index.ts";
import type { CameraFrame } from "../camera/source.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";

const CAPACITY_BYTES = 256 * 1024; // 17 s of records of 512 bytes, head included, at 30 fps

type ResultsOptions = { name: string; camera: string; frames: string; widthPx: number; heightPx: number; fps: number };

/** The simulated detector. It has no pace of its own: the camera hands it each frame. */
export class ResultsSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz: number;
  readonly #options: ResultsOptions;
  #writer: ByteRingWriter | undefined;

  constructor(options: ResultsOptions) {
    const what = `JSON: the ball's box in each frame of ${options.frames}`;
    this.rings = [{ name: options.name, kind: "records", what, written: 0, dropped: 0 }];
    this.rateHz = options.fps;
    this.#options = options;
  }

  open(): void {
    const { name, camera, frames } = this.#options;
    this.#writer = ByteRingWriter.create({ name, capacityBytes: CAPACITY_BYTES });
    this.#writer.describe({ ...describeResults({ camera }), frames });
  }

  tick(): void {}

  /** Says what is in a frame just published. */
  write({ sequence, pts90k, tick, ball }: CameraFrame): void {
    const { camera, widthPx, heightPx } = this.#options;
    const result = {
      type: "frame",
      camera,
      frame: {
        sequence: Number(sequence),
        captureWallUs: Number(tick.captureWallUs),
        pts90k: Number(pts90k),
        widthPx,
        heightPx,
      },
      detections: [
        {
          trackId: "ball-1",
          label: "ball",
          score01: 1,
          box: {
            x: ball.xPx / widthPx,
            y: ball.yPx / heightPx,
            width: ball.sizePx / widthPx,
            height: ball.sizePx / heightPx,
          },
        },
      ],
    };
    const record = sampleRecord(RECORD_TYPES.result, tick, { pts90k, duration90k: 0 });
    tally(this.rings[0], () => this.#writer?.append(record, encodeResultJson(result)));
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }
}
