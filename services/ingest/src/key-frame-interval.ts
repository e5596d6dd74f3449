/** How far apart a camera's key frames are, from counters read once a second. Pure. */

/** Samples looked back on: a minute, so that ten-second groups are still met several times. */
const WINDOW = 60;

interface Counts {
  readonly videoPackets: number;
  readonly keyFrames: number;
}

/** Takes one sample a second. */
export class KeyFrameInterval {
  #atKeyFrames: readonly Counts[] = [];

  /** Counters since the demuxer was made; a smaller one means that another began. */
  add({ videoPackets, keyFrames }: Counts): void {
    const last = this.#atKeyFrames.at(-1);
    if (last !== undefined && keyFrames < last.keyFrames) {
      this.#atKeyFrames = [];
    }
    // What came before the first key frame is no group: a ring begins with one.
    if (keyFrames > 0 && keyFrames !== last?.keyFrames) {
      this.#atKeyFrames = [...this.#atKeyFrames, { videoPackets, keyFrames }].slice(-WINDOW);
    }
  }

  /** Milliseconds at this frame rate; null before the second sample with new key frames. */
  ms(fps: number): number | null {
    const first = this.#atKeyFrames[0];
    const last = this.#atKeyFrames.at(-1);
    if (first === undefined || last === undefined || last.keyFrames === first.keyFrames || fps <= 0) {
      return null;
    }
    const framesApart = (last.videoPackets - first.videoPackets) / (last.keyFrames - first.keyFrames);
    return Math.round((framesApart / fps) * 1000);
  }
}
