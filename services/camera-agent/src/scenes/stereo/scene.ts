/** Two eyes side by side: the left eye's picture in the left half. Truth: each figure in each eye, with disparity and depth. */
import { personPlan, randomPersonLook } from "../../figures/person.ts";
import { paintBackdrop } from "../../picture/backdrop.ts";
import { between, makeRandom, pick } from "../../picture/random.ts";
import { Sensor } from "../../picture/sensor.ts";
import { Stage } from "../../picture/stage.ts";
import { type YuvPicture, yuvBytes, yuvPictureOver } from "../../picture/yuv-picture.ts";
import { brightnessAt } from "../light.ts";
import type { Scene, SceneSize, TruthBox } from "../scene.ts";
import { Cast, type Crossing, endOf, truthOf, type Walker } from "../walkers.ts";
import { stereoLayers } from "./background.ts";
import {
  depthOfDisparity,
  disparityAt,
  EYE_HEIGHT_M,
  EYE_WIDTH,
  EYES,
  type EyeName,
  FOCAL_UNITS,
  HORIZON_Y,
  nearnessAt,
} from "./geometry.ts";

/** Both eyes together. */
export const STEREO_SIZE: SceneSize = { widthPx: 1280, heightPx: 360, fps: 15 };

/** Disparities at which people walk: whole units, which are whole pixels at the usual size. 9: 6.9 m away; 18: 3.5 m. */
const WALK_DISPARITIES = [14, 9, 18, 11] as const;

/** The way of a walker: on until the right eye, which sees everything further left, sees the end of it too. */
const WAY_WIDTH = EYE_WIDTH + 24;

const FIRST_WALK_S = 6;
const LIGHT = { wander: 0.015, step: 0, stepEveryS: 60 };
const NOISE_SIGMA = 1.8;

/** Makes the scene. size: of both eyes together. */
export function makeStereoScene(size: SceneSize, seed: number): Scene {
  const eyeSize = { widthPx: size.widthPx / 2, heightPx: size.heightPx };
  const scale = eyeSize.widthPx / EYE_WIDTH;
  const view = { x: 0, y: 0, scale };
  const stages = EYES.map(
    (eye) => new Stage(paintBackdrop(eyeSize.widthPx, eyeSize.heightPx, view, stereoLayers(eye))),
  );
  const both = yuvPictureOver(new Uint8Array(yuvBytes(size.widthPx, size.heightPx)), size.widthPx, size.heightPx);
  const cast = new Cast(stereoCrossings(seed), WAY_WIDTH, scale);
  const sensor = new Sensor({ seed, noiseSigma: NOISE_SIGMA, exposure: (timeS) => brightnessAt(timeS, seed, LIGHT) });
  return {
    size,
    render(frame: number, out: YuvPicture): TruthBox[] {
      const timeS = frame / size.fps;
      const walkers = cast.at(timeS);
      const truth = EYES.flatMap((eye, index) => {
        const stage = stages[index] as Stage;
        const boxes = placeEye(stage, eye, walkers, { timeS, scale });
        copyInto(both, stage.canvas, index * eyeSize.widthPx);
        return boxes;
      });
      sensor.capture(both, frame, timeS, out);
      return truth;
    },
  };
}

function placeEye(
  stage: Stage,
  eye: EyeName,
  walkers: readonly Walker[],
  at: { timeS: number; scale: number },
): TruthBox[] {
  const disparityPx = ({ crossing }: Walker) => Math.round(disparityAt(depthOf(crossing)) * at.scale);
  const placed = walkers.map((walker) =>
    walker.placed(at.timeS, WAY_WIDTH, eye === "right" ? -disparityPx(walker) : 0),
  );
  const seen = stage.place(placed);
  return walkers.flatMap((walker, index) => {
    const box = truthOf(walker.crossing, seen[index], stage.canvas);
    return box === undefined
      ? []
      : {
          ...box,
          id: `${box.id}-${eye}`,
          x: box.x / 2 + (eye === "right" ? 0.5 : 0),
          width: box.width / 2,
          eye,
          disparityPx: disparityPx(walker),
          depthM: Math.round(depthOf(walker.crossing) * 100) / 100,
        };
  });
}

/** A walker stands where its feet are: the floor's height in the picture tells its depth. */
function depthOf(crossing: Crossing): number {
  return (FOCAL_UNITS * EYE_HEIGHT_M) / (crossing.groundY - HORIZON_Y);
}

function* stereoCrossings(seed: number): Generator<Crossing, undefined> {
  const random = makeRandom(seed ^ 0x57e7);
  let startS = FIRST_WALK_S;
  for (let number = 1; ; number++) {
    const depthM = depthOfDisparity(WALK_DISPARITIES[(number - 1) % WALK_DISPARITIES.length] as number);
    const metre = FOCAL_UNITS / depthM;
    const crossing: Crossing = {
      id: `person-${number}`,
      kind: "person",
      plan: personPlan(randomPersonLook(random)),
      startS,
      direction: pick(random, ["left", "right"] as const),
      speedUnitsPerS: between(random, 0.9, 1.3) * metre,
      groundY: HORIZON_Y + EYE_HEIGHT_M * metre,
      scale: (between(random, 1.58, 1.85) * metre) / 100,
      nearness: nearnessAt(depthM),
    };
    yield crossing;
    // Every third walker meets the next one on the way; otherwise the room is empty for a while.
    const meets = number % 3 === 0;
    startS = meets ? startS + 1.5 : endOf(crossing, WAY_WIDTH) + between(random, 3, 6);
  }
}

function copyInto(to: YuvPicture, from: YuvPicture, leftPx: number): void {
  for (const [plane, share] of [
    ["y", 1],
    ["u", 2],
    ["v", 2],
  ] as const) {
    const [width, fullWidth] = [from.widthPx / share, to.widthPx / share];
    for (let row = 0; row < from.heightPx / share; row++) {
      to[plane].set(from[plane].subarray(row * width, (row + 1) * width), row * fullWidth + leftPx / share);
    }
  }
}
