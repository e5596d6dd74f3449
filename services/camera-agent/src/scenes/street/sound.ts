/** What a microphone hears on the street: wind, cars going by, steps, and a bird now and then. */
import { makeRandom, type Random } from "../../picture/random.ts";
import { SOUND_RATE_HZ } from "../scene.ts";
import type { Walker } from "../walkers.ts";
import { SCENE_WIDTH, unitsPerMetre } from "./ground.ts";

/** A bird sings this often, for this long. */
const BIRD_EVERY_S = 11;
const BIRD_SONG_S = 0.9;

/** Loudness of each source, parts of full scale. */
const LOUDNESS = { wind: 0.02, car: 0.16, step: 0.12, bird: 0.06 };

/** How long a step is heard. */
const STEP_DECAY_S = 0.03;

/** Makes the sound of one frame after the other. */
export class StreetSound {
  readonly #random: Random;
  readonly #samples: Int16Array;
  #wind = 0;
  #rumble = 0;
  #stepEnergy = 0;
  readonly #lastStep = new Map<string, number>();

  constructor(seed: number, fps: number) {
    this.#random = makeRandom(seed ^ 0x5eed);
    this.#samples = new Int16Array(Math.round(SOUND_RATE_HZ / fps));
  }

  /** The sound during a frame. Owner: valid until the next call. */
  during(frame: number, walkers: readonly Walker[]): Int16Array {
    const length = this.#samples.length;
    const startS = (frame * length) / SOUND_RATE_HZ;
    const carLoudness = loudestCar(walkers, startS);
    this.#stepEnergy += this.#stepsTaken(walkers, startS) ? 1 : 0;
    const gust = 0.6 + 0.4 * Math.sin(startS * 0.7);
    for (let index = 0; index < length; index++) {
      const white = this.#random() * 2 - 1;
      this.#wind += (white - this.#wind) * 0.02; // one-pole low pass, about 150 Hz
      this.#rumble += (white - this.#rumble) * 0.06; // about 470 Hz
      this.#stepEnergy *= 1 - 1 / (STEP_DECAY_S * SOUND_RATE_HZ);
      const value =
        this.#wind * 8 * gust * LOUDNESS.wind +
        this.#rumble * 5 * carLoudness * LOUDNESS.car +
        this.#rumble * 4 * this.#stepEnergy * LOUDNESS.step +
        birdAt(startS + index / SOUND_RATE_HZ) * LOUDNESS.bird;
      this.#samples[index] = Math.max(-1, Math.min(1, value)) * 32_767;
    }
    return this.#samples;
  }

  /** Whether a foot came down since the last frame. */
  #stepsTaken(walkers: readonly Walker[], timeS: number): boolean {
    let taken = false;
    for (const walker of walkers) {
      const { id, kind, plan, scale } = walker.crossing;
      if (kind === "person") {
        const step = Math.floor(walker.wayAt(timeS) / ((plan.strideLength * scale) / 2));
        taken ||= this.#lastStep.has(id) && this.#lastStep.get(id) !== step;
        this.#lastStep.set(id, step);
      }
    }
    for (const id of this.#lastStep.keys()) {
      if (!walkers.some((walker) => walker.crossing.id === id)) {
        this.#lastStep.delete(id);
      }
    }
    return taken;
  }
}

/** 0 to 1: a car in the middle of the picture is loudest. */
function loudestCar(walkers: readonly Walker[], timeS: number): number {
  let loudest = 0;
  for (const walker of walkers) {
    if (walker.crossing.kind === "car") {
      const aside = walker.footX(timeS, SCENE_WIDTH) - SCENE_WIDTH / 2;
      const metres = aside / unitsPerMetre(walker.crossing.groundY);
      loudest = Math.max(loudest, 1 / (1 + (metres / 4) ** 2));
    }
  }
  return loudest;
}

/** A chirp: a tone that sweeps from 2.6 to 3.8 kHz six times. */
function birdAt(timeS: number): number {
  const intoS = timeS % BIRD_EVERY_S;
  if (intoS >= BIRD_SONG_S) {
    return 0;
  }
  const sweep = ((intoS / BIRD_SONG_S) * 6) % 1;
  return Math.sin(2 * Math.PI * (2600 + 600 * sweep) * intoS) * Math.sin(Math.PI * sweep) ** 2;
}
