/** Who crosses the street, when and where. Pure and endless; the same seed gives the same day. */
import { carPlan, randomCarLook } from "../../figures/car.ts";
import { personPlan, randomPersonLook } from "../../figures/person.ts";
import { between, makeRandom, pick, type Random } from "../../picture/random.ts";
import { type Crossing, endOf } from "../walkers.ts";
import { SCENE_WIDTH, unitsPerMetre } from "./ground.ts";

/** A way across the picture. */
interface Lane {
  readonly groundY: number;
  readonly nearness: number;
  readonly direction: Crossing["direction"] | "both";
}

const LANES = {
  farPavement: { groundY: 424, nearness: 30, direction: "both" },
  farRoad: { groundY: 510, nearness: 90, direction: "left" },
  nearRoad: { groundY: 586, nearness: 120, direction: "right" },
  nearPavement: { groundY: 690, nearness: 220, direction: "both" },
} as const satisfies Record<string, Lane>;

/** Nobody is about before this: background models learn the empty street. */
const FIRST_ACT_S = 5;

/** What happens together; then there is a pause. */
const ACTS: readonly (readonly (keyof typeof LANES)[])[] = [
  ["nearPavement"],
  ["nearRoad"],
  ["farPavement"],
  ["nearPavement", "farRoad"],
  ["farRoad"],
  ["farPavement", "nearPavement"],
  ["nearRoad", "farPavement"],
];

/** The crossings in the order of their start. */
export function* streetCrossings(seed: number): Generator<Crossing, undefined> {
  const random = makeRandom(seed);
  let startS = FIRST_ACT_S;
  for (let number = 1, act = 0; ; act++) {
    let endS = startS;
    const lanes = ACTS[act < ACTS.length ? act : Math.floor(random() * ACTS.length)] ?? [];
    for (const [index, lane] of lanes.entries()) {
      const crossing = crossingOn(LANES[lane], `${number++}`, startS + index * between(random, 0.8, 2), random);
      endS = Math.max(endS, endOf(crossing, SCENE_WIDTH));
      yield crossing;
    }
    startS = endS + between(random, 2, 5);
  }
}

function crossingOn(lane: Lane, number: string, startS: number, random: Random): Crossing {
  const metre = unitsPerMetre(lane.groundY);
  const direction = lane.direction === "both" ? pick(random, ["left", "right"] as const) : lane.direction;
  const place = { startS, direction, groundY: lane.groundY, nearness: lane.nearness };
  if (lane.direction === "both") {
    const heightM = between(random, 1.55, 1.88);
    return {
      ...place,
      id: `person-${number}`,
      kind: "person",
      plan: personPlan(randomPersonLook(random)),
      scale: (heightM * metre) / 100, // a person is 100 figure units tall
      speedUnitsPerS: between(random, 1.2, 1.7) * metre,
    };
  }
  return {
    ...place,
    id: `car-${number}`,
    kind: "car",
    plan: carPlan(randomCarLook(random)),
    scale: metre / 100, // cars are drawn in centimetres
    speedUnitsPerS: between(random, 3.5, 5.5) * metre,
  };
}
