/** A yard where for long times nothing happens; then a cat or a person passes. */
import { catPlan, randomCatLook } from "../../figures/cat.ts";
import { personPlan, randomPersonLook } from "../../figures/person.ts";
import { paintBackdrop } from "../../picture/backdrop.ts";
import { between, makeRandom, pick, type Random } from "../../picture/random.ts";
import { Sensor } from "../../picture/sensor.ts";
import { Stage } from "../../picture/stage.ts";
import type { YuvPicture } from "../../picture/yuv-picture.ts";
import { brightnessAt } from "../light.ts";
import type { Scene, SceneSize, TruthBox } from "../scene.ts";
import { Cast, type Crossing, endOf, truthOf } from "../walkers.ts";
import { FENCE_TOP_Y, PATH_Y, YARD_LAYERS, YARD_WIDTH } from "./background.ts";

/** The scene's usual size. */
export const QUIET_SIZE: SceneSize = { widthPx: 640, heightPx: 360, fps: 10 };

/** Nothing moves before this, nor for about as long between two moves. */
const STILL_S = 40;

const LIGHT = { wander: 0.01, step: 0, stepEveryS: 60 };
const NOISE_SIGMA = 2.4; // an evening: the sensor's gain is up

/** Makes the scene. */
export function makeQuietScene(size: SceneSize, seed: number): Scene {
  const scale = size.widthPx / YARD_WIDTH;
  const stage = new Stage(paintBackdrop(size.widthPx, size.heightPx, { x: 0, y: 0, scale }, YARD_LAYERS));
  const cast = new Cast(quietCrossings(seed), YARD_WIDTH, scale);
  const sensor = new Sensor({ seed, noiseSigma: NOISE_SIGMA, exposure: (timeS) => brightnessAt(timeS, seed, LIGHT) });
  return {
    size,
    render(frame: number, out: YuvPicture): TruthBox[] {
      const timeS = frame / size.fps;
      const walkers = cast.at(timeS);
      const seen = stage.place(walkers.map((walker) => walker.placed(timeS, YARD_WIDTH)));
      sensor.capture(stage.canvas, frame, timeS, out);
      return walkers.flatMap(({ crossing }, index) => truthOf(crossing, seen[index], size) ?? []);
    },
  };
}

function* quietCrossings(seed: number): Generator<Crossing, undefined> {
  const random = makeRandom(seed ^ 0x9e7);
  let startS = STILL_S;
  for (let number = 1; ; number++) {
    const crossing = number % 2 === 1 ? catOn(random, number, startS) : personOn(random, number, startS);
    yield crossing;
    startS = endOf(crossing, YARD_WIDTH) + between(random, STILL_S, STILL_S * 1.6);
  }
}

/** A cat on the fence or on the path: 60 cm long, seen large enough to be found. */
function catOn(random: Random, number: number, startS: number): Crossing {
  const onFence = random() < 0.5;
  return {
    id: `cat-${number}`,
    kind: "cat",
    plan: catPlan(randomCatLook(random)),
    startS,
    direction: pick(random, ["left", "right"] as const),
    speedUnitsPerS: between(random, 210, 260),
    groundY: onFence ? FENCE_TOP_Y - 4 : PATH_Y + 12,
    scale: onFence ? 1.7 : 2.3,
    nearness: onFence ? 20 : 120,
  };
}

function personOn(random: Random, number: number, startS: number): Crossing {
  return {
    id: `person-${number}`,
    kind: "person",
    plan: personPlan(randomPersonLook(random)),
    startS,
    direction: pick(random, ["left", "right"] as const),
    speedUnitsPerS: between(random, 230, 270),
    groundY: PATH_Y + between(random, -6, 18),
    scale: between(random, 2.7, 3.1),
    nearness: 130,
  };
}
