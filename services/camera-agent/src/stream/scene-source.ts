/** Makes a scene's frames at their own pace and has them encoded. */
import { type Clock, elapsedMs, type Log } from "@lanthorn/base";
import { yuvBytes, yuvPictureOver } from "../picture/yuv-picture.ts";
import type { Scene } from "../scenes/scene.ts";
import { IMU_RATE_HZ, type SimulatedImu } from "../sensors/simulated-imu.ts";
import type { TruthWriter } from "../truth-writer.ts";
import { STREAM_OFFSET_S, sceneArguments } from "./encoder-arguments.ts";
import { FfmpegProcess, whenAborted } from "./ffmpeg-process.ts";
import { encodeImuUnit } from "./imu-klv.ts";
import { KlvMux } from "./klv-mux.ts";
import type { StreamSource } from "./source.ts";

/** So late that catching up would be a burst: the pace starts anew, milliseconds. */
const LATENESS_MAX_MS = 1000;

/** MPEG-TS time stamps are 33 bits of a 90 kHz clock. */
const PTS_WRAP = 2 ** 33;

/** What a scene source needs. */
export interface SceneSourceOptions {
  readonly scene: Scene;
  readonly truth: TruthWriter | undefined;
  /** Its samples go into the stream beside picture and sound. */
  readonly imu?: SimulatedImu | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A generated scene as a live stream. */
export class SceneSource implements StreamSource {
  readonly #options: SceneSourceOptions;
  /** Goes on over runs of the encoder, whose time stamps begin anew each time. */
  #frame = 0;

  constructor(options: SceneSourceOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal, deliver: (bytes: Buffer) => void): Promise<never> {
    const { scene, clock, imu, log } = this.#options;
    const mux = imu === undefined ? undefined : new KlvMux(deliver);
    const ffmpeg = new FfmpegProcess({
      arguments: sceneArguments(scene.size, scene.sound !== undefined),
      deliver: mux === undefined ? deliver : (bytes) => mux.push(bytes),
      clock,
      log,
    });
    try {
      return await Promise.race([this.#feed(ffmpeg, mux, signal), whenAborted(signal)]);
    } finally {
      await ffmpeg.stop();
    }
  }

  async #feed(ffmpeg: FfmpegProcess, mux: KlvMux | undefined, signal: AbortSignal): Promise<never> {
    const { scene, clock, imu, log, truth } = this.#options;
    const { widthPx, heightPx, fps } = scene.size;
    const bytes = new Uint8Array(yuvBytes(widthPx, heightPx));
    const picture = yuvPictureOver(bytes, widthPx, heightPx);
    const firstFrame = this.#frame;
    let [anchorNs, anchorFrame]: [bigint, number] = [clock.monoNs(), firstFrame];
    for (;;) {
      const frame = this.#frame++;
      const dueMs = ((frame - anchorFrame) * 1000) / fps;
      const waitMs = dueMs - elapsedMs(anchorNs, clock.monoNs());
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal);
      } else if (waitMs < -LATENESS_MAX_MS) {
        log.warn(
          { lateMs: Math.round(-waitMs) },
          "the machine is too busy: the stream falls behind and goes on from here",
        );
        [anchorNs, anchorFrame] = [clock.monoNs(), frame];
      }
      const wallUs = clock.wallUs();
      const boxes = scene.render(frame, picture);
      const pts90k = pts90kOf(frame - firstFrame, fps);
      truth?.write({ frame, ptsS: frame / fps, pts90k, wallUs, boxes });
      if (imu !== undefined) {
        mux?.insert(encodeImuUnit(imu.until(frame), IMU_RATE_HZ), pts90k);
      }
      const sound = scene.sound?.(frame);
      // Both at once: ffmpeg reads from whichever it needs next, and waits for it.
      await Promise.all([ffmpeg.writePicture(bytes), sound === undefined ? undefined : ffmpeg.writeSound(sound)]);
    }
  }
}

/** The time stamp that the muxer gives a frame of one encoder run. Tested against ffprobe: test/scene-source.test.ts. */
export function pts90kOf(frame: number, fps: number): number {
  return Math.round(((frame + fps * STREAM_OFFSET_S) * 90_000) / fps) % PTS_WRAP;
}
