/** The list of simulated sources: which there are, and what each is called. */
import { CameraSource } from "./camera/source.ts";
import { DepthSource } from "./depth/source.ts";
import { ImuSource } from "./imu/source.ts";
import type { DemoOptions } from "./options.ts";
import { PacketsSource } from "./packets/source.ts";
import { type Paintings, paintAll, Scene } from "./picture/scene.ts";
import type { CameraFormat } from "./picture/sprite.ts";
import { ResultsSource } from "./results/source.ts";
import { SoundSource } from "./sound/source.ts";
import { sweepSound, tuneSound } from "./sound/tune.ts";
import type { DemoSource } from "./source.ts";
import { VlcSource } from "./vlc/source.ts";

/** Makes the sources asked for. Results need the frames they speak of: asking for them brings rgb24 along. */
export function makeSources(options: DemoOptions, onFault: (ring: string, reason: string) => void): DemoSource[] {
  const { prefix, widthPx, heightPx, fps, only } = options;
  const picture = { widthPx, heightPx, fps };
  const sceneOf = sceneMaker(widthPx, heightPx);
  const ring = (sensor: string, what: string) => `${prefix}.${sensor}.${what}`;
  const camera = (sensor: string, title: string, format: CameraFormat) => {
    return { name: ring(sensor, "frames"), camera: sensor, title, format, ...picture, scene: () => sceneOf(format) };
  };
  const results = only.has("results")
    ? new ResultsSource({
        name: ring("camera", "results"),
        camera: "rgb24",
        frames: ring("rgb24", "frames"),
        ...picture,
      })
    : undefined;
  const rgb24 = new CameraSource({
    ...camera("rgb24", "RGB24", "rgb24"),
    ...(results === undefined ? {} : { onFrame: (frame) => results.write(frame) }),
  });
  const packets = ring("camera", "packets");
  const all: (DemoSource | undefined | false)[] = [
    (only.has("rgb24") || only.has("results")) && rgb24,
    only.has("bgr24") && new CameraSource(camera("bgr24", "BGR24", "bgr24")),
    only.has("nv12") && new CameraSource(camera("nv12", "NV12", "nv12")),
    only.has("i420") && new CameraSource(camera("i420", "I420", "yuv420p")),
    only.has("gray") && new CameraSource(camera("gray", "GRAY8", "gray")),
    only.has("vlc") && new VlcSource({ prefix, ...picture, scene: () => sceneOf("gray") }),
    only.has("depth16") &&
      new DepthSource({ name: ring("depth16", "frames"), sensor: "depth16", format: "gray16le", ...picture }),
    only.has("depthf32") &&
      new DepthSource({ name: ring("depthf32", "frames"), sensor: "depthf32", format: "grayf32le", ...picture }),
    only.has("microphone") && new SoundSource(sound(ring("microphone", "audio"), "microphone")),
    only.has("stereo") && new SoundSource(sound(ring("stereo", "audio"), "stereo")),
    only.has("imu") && new ImuSource(ring("imu", "imu")),
    results,
    only.has("packets") &&
      new PacketsSource({ name: packets, camera: "camera", ...picture, onFault: (reason) => onFault(packets, reason) }),
  ];
  return all.filter((source) => source !== undefined && source !== false);
}

function sound(name: string, sensor: "microphone" | "stereo"): ConstructorParameters<typeof SoundSource>[0] {
  return sensor === "microphone"
    ? { name, sensor, codec: "pcm_s16le", channels: 1, sound: tuneSound() }
    : { name, sensor, codec: "pcm_f32le", channels: 2, sound: sweepSound() };
}

/** Paints when the first camera opens, and converts once for each format. */
function sceneMaker(widthPx: number, heightPx: number): (format: CameraFormat) => Scene {
  const scenes = new Map<CameraFormat, Scene>();
  let paintings: Paintings | undefined;
  return (format) => {
    let scene = scenes.get(format);
    if (scene === undefined) {
      paintings ??= paintAll(widthPx, heightPx);
      scene = new Scene(paintings, format);
      scenes.set(format, scene);
    }
    return scene;
  };
}
