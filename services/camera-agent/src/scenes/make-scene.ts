/** Scenes by name. */
import type { SceneName } from "../options.ts";
import { makeQuietScene, QUIET_SIZE } from "./quiet/scene.ts";
import type { Scene, SceneSize } from "./scene.ts";
import { makeStereoScene, STEREO_SIZE } from "./stereo/scene.ts";
import { makeStreetScene, STREET_SIZE } from "./street/scene.ts";

interface SceneRecipe {
  readonly size: SceneSize;
  readonly make: (size: SceneSize, seed: number) => Scene;
}

const RECIPES: Readonly<Record<SceneName, SceneRecipe>> = {
  street: { size: STREET_SIZE, make: makeStreetScene },
  stereo: { size: STEREO_SIZE, make: makeStereoScene },
  quiet: { size: QUIET_SIZE, make: makeQuietScene },
};

/** Makes a scene in its own size and rate, or in those that are given. */
export function makeScene(
  name: SceneName,
  seed: number,
  wanted: { readonly [Key in keyof SceneSize]: SceneSize[Key] | undefined },
): Scene {
  const { size, make } = RECIPES[name];
  return make(
    {
      widthPx: wanted.widthPx ?? size.widthPx,
      heightPx: wanted.heightPx ?? size.heightPx,
      fps: wanted.fps ?? size.fps,
    },
    seed,
  );
}
