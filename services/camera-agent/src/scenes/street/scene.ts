/** A street with houses, a few people and cars. Truth: every figure's box in every frame. */
import { paintBackdrop } from "../../picture/backdrop.ts";
import { Sensor } from "../../picture/sensor.ts";
import { Stage } from "../../picture/stage.ts";
import type { YuvPicture } from "../../picture/yuv-picture.ts";
import { brightnessAt } from "../light.ts";
import type { Scene, SceneSize, TruthBox } from "../scene.ts";
import { Cast, truthOf } from "../walkers.ts";
import { STREET_LAYERS } from "./background.ts";
import { SCENE_WIDTH } from "./ground.ts";
import { streetCrossings } from "./schedule.ts";
import { StreetSound } from "./sound.ts";

/** The size that a bare machine encodes with room to spare. */
export const STREET_SIZE: SceneSize = { widthPx: 960, heightPx: 540, fps: 15 };

const LIGHT = { wander: 0.06, step: 0.08, stepEveryS: 37 };
const NOISE_SIGMA = 2;

/** Makes the scene; painting the backdrop takes about half a second at its usual size. */
export function makeStreetScene(size: SceneSize, seed: number): Scene {
  const scale = size.widthPx / SCENE_WIDTH;
  const stage = new Stage(paintBackdrop(size.widthPx, size.heightPx, { x: 0, y: 0, scale }, STREET_LAYERS));
  const cast = new Cast(streetCrossings(seed), SCENE_WIDTH, scale);
  const sensor = new Sensor({ seed, noiseSigma: NOISE_SIGMA, exposure: (timeS) => brightnessAt(timeS, seed, LIGHT) });
  const sound = new StreetSound(seed, size.fps);
  return {
    size,
    render(frame: number, out: YuvPicture): TruthBox[] {
      const timeS = frame / size.fps;
      const walkers = cast.at(timeS);
      const seen = stage.place(walkers.map((walker) => walker.placed(timeS, SCENE_WIDTH)));
      sensor.capture(stage.canvas, frame, timeS, out);
      return walkers.flatMap(({ crossing }, index) => truthOf(crossing, seen[index], size) ?? []);
    },
    sound: (frame) => sound.during(frame, cast.at(frame / size.fps)),
  };
}
