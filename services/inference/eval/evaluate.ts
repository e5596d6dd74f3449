/** Runs the motion pack over a clip exactly as the service does, and keeps what was told in each frame. */
import { elapsedMs, systemClock } from "@lanthorn/base";
import { Analysis } from "../src/analysis.ts";
import { MotionDecoder } from "../src/decoders/motion/decoder.ts";
import { openCpuExecutor } from "../src/executors/cpu/executor.ts";
import { loadPack } from "../src/packs/load-pack.ts";
import { motionManifest } from "../src/packs/manifest.ts";
import { Tracker } from "../src/tracking/tracker.ts";
import { clipPictures, probeClip } from "./clip.ts";
import type { FoundBox } from "./score.ts";

/** What a run over a clip gave. */
export interface ClipRun {
  readonly frames: number;
  readonly fps: number;
  readonly boxes: readonly FoundBox[];
  /** Numbers of the frames that were analysed. */
  readonly analysedFrames: ReadonlySet<number>;
  /** Milliseconds a frame from picture to tracks: mean over the clip. */
  readonly analysisMs: number;
}

/** Options of a run. */
export interface ClipRunOptions {
  readonly clip: string;
  readonly packFolder: string;
  /** Overrides the clip's own rate. */
  readonly fps?: number | undefined;
  /** Analyse every n-th frame only, as a camera at a lower rate would give them. */
  readonly every?: number | undefined;
}

/** Runs a clip. Throws: the pack's and the clip's errors. */
export async function runClip(options: ClipRunOptions): Promise<ClipRun> {
  const pack = await loadPack(options.packFolder);
  const facts = await probeClip(options.clip);
  const fps = options.fps ?? facts.fps;
  const executor = await openCpuExecutor({ name: pack.manifest.name, model: pack.model });
  let tracks = 0;
  const analysis = new Analysis({
    run: executor.run,
    decoder: new MotionDecoder(motionManifest(pack.manifest)),
    tracker: new Tracker(() => `t${++tracks}`),
  });
  const size = analysis.pictureSize(facts.widthPx, facts.heightPx);
  const boxes: FoundBox[] = [];
  let frame = 0;
  const analysedFrames = new Set<number>();
  let spentMs = 0;
  for await (const rgb of clipPictures(options.clip, size)) {
    if (frame % (options.every ?? 1) === 0) {
      const startNs = systemClock.monoNs();
      const update = await analysis.analyse({ ...size, rgb }, (frame / fps) * 1000);
      spentMs += elapsedMs(startNs, systemClock.monoNs());
      analysedFrames.add(frame);
      boxes.push(...update.visible.map((track) => ({ frame, trackId: track.id, box: track.box })));
    }
    frame += 1;
  }
  await executor.close();
  const analysisMs = Math.round((spentMs / Math.max(1, analysedFrames.size)) * 1000) / 1000;
  return { frames: frame, fps, boxes, analysedFrames, analysisMs };
}
