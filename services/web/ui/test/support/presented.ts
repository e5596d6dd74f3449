/**
 * Runs in the page: writes down which numbered picture was presented when, and when the tone sounded (makeNumberedStream of
 * @lanthorn/testing). Each function is sent to the browser as text and uses nothing from outside itself.
 */

/** What was seen and heard. Times: performance.now(). */
export interface Presented {
  /** When the page was last clicked. */
  clickedMs: number;
  /** dueMs: when the browser means the picture to be on the screen. */
  pictures: { number: number; atMs: number; dueMs: number }[];
  tonesMs: number[];
}

type Window = { presented?: Presented & { watch: number } };

/** Begins to write down the pictures of a video element; what was written before is forgotten. */
export function watchPictures(selector: string): void {
  const page = window as Window;
  const video = document.querySelector<HTMLVideoElement>(selector);
  const canvas = new OffscreenCanvas(160, 96); // makeNumberedStream: 16 bars of 10 px in the upper half
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (video === null || context === null) {
    throw new TypeError(`no video at ${selector}`);
  }
  const watch = (page.presented?.watch ?? 0) + 1;
  const mine = { clickedMs: Number.POSITIVE_INFINITY, pictures: [], tonesMs: [], watch } as Presented & {
    watch: number;
  };
  page.presented = mine;
  const onClick = () => {
    mine.clickedMs = performance.now();
  };
  addEventListener("pointerdown", onClick, { capture: true, once: true });
  const onPicture = (atMs: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
    if (page.presented !== mine) {
      return;
    }
    context.drawImage(video, 0, 0, 160, 96);
    const row = context.getImageData(0, 24, 160, 1).data;
    let number = 0;
    for (let bar = 0; bar < 16; bar++) {
      number |= (row[(bar * 10 + 5) * 4] ?? 0) > 125 ? 1 << bar : 0;
    }
    mine.pictures.push({ number, atMs, dueMs: expectedDisplayTime });
    video.requestVideoFrameCallback(onPicture);
  };
  video.requestVideoFrameCallback(onPicture);
}

/**
 * Begins to write down when the tone begins in the sound of a video element: the instant at which the audio graph takes it, which is the
 * clock that the browser shows pictures by. What the sound device adds the browser takes into account itself.
 */
export async function watchSound(selector: string): Promise<void> {
  const video = document.querySelector<HTMLVideoElement>(selector);
  const mine = (window as Window).presented;
  if (video === null || mine === undefined) {
    throw new TypeError("watchPictures first");
  }
  const code = `registerProcessor("tones", class extends AudioWorkletProcessor {
    quiet = 0;
    process([input]) {
      const samples = input[0] ?? [];
      for (let index = 0; index < samples.length; index++) {
        if (Math.abs(samples[index]) > 0.2) {
          if (this.quiet > sampleRate / 5) this.port.postMessage(currentTime + index / sampleRate);
          this.quiet = 0;
        } else this.quiet++;
      }
      return true;
    }
  })`;
  const sound = new AudioContext();
  await sound.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const tones = new AudioWorkletNode(sound, "tones");
  tones.port.onmessage = ({ data }: MessageEvent<number>) => {
    mine.tonesMs.push(performance.now() - (sound.currentTime - data) * 1000);
  };
  const source = sound.createMediaElementSource(video);
  source.connect(tones);
  source.connect(sound.destination);
  await sound.resume();
}

/** What has been written down so far. */
export function readPresented(): Presented {
  const { clickedMs, pictures, tonesMs } = (window as Window).presented ?? { clickedMs: 0, pictures: [], tonesMs: [] };
  return { clickedMs, pictures, tonesMs };
}
