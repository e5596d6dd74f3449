/** What the demo says of itself: which rings there are, how to read them, and how fast they fill. */
import type { DemoRing, DemoSource } from "./source.ts";

/** Lists the rings and says how to read them from each language. */
export function announcement(sources: readonly DemoSource[]): string {
  const rings = sources.flatMap((source) => source.rings);
  const width = Math.max(...rings.map(({ name }) => name.length));
  const frames = rings.find(({ kind }) => kind === "frames")?.name;
  const records = rings.find(({ kind }) => kind === "records")?.name;
  const any = frames ?? records ?? "";
  return [
    ...rings.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`),
    "",
    "Read them, from any directory:",
    `  tool        npx lanthorn-rings watch ${any}`,
    `  Python      python3 native/rings/readers/python/lanthorn_rings.py watch ${any}`,
    ...(frames === undefined ? [] : [`  TypeScript  SlotRingReader.open("${frames}").leaseNewest()`]),
    ...(records === undefined
      ? []
      : [`  TypeScript  for await (const record of typedRecords(ByteRingReader.open("${records}")))`]),
    `  C           #include "native/rings/readers/c/lanthorn_rings.h"`,
    "  Complete examples: docs/guide/read-frames-from-anything.md, docs/guide/simulated-sensors.md",
    "",
  ].join("\n");
}

/** Tells rates: frames or records written a second, and what readers that hold too many slots made us drop. */
export class RateLine {
  readonly #rings: readonly { ring: DemoRing; label: string }[];
  readonly #before: number[];

  constructor(sources: readonly DemoSource[]) {
    const rings = sources.flatMap((source) => source.rings);
    this.#rings = rings.map((ring) => ({ ring, label: labelOf(ring.name, rings) }));
    this.#before = rings.map(() => 0);
  }

  /** One line. cpuCores: processor time per time, of this process. */
  next(elapsedS: number, periodS: number, cpuCores: number): string {
    const rates = this.#rings.map(({ ring: { written, dropped }, label }, i) => {
      const perSecond = (written - (this.#before[i] ?? 0)) / periodS;
      this.#before[i] = written;
      return `${label} ${perSecond.toFixed(1)}${dropped > 0 ? ` (${dropped} dropped)` : ""}`;
    });
    return `${elapsedS.toFixed(0).padStart(5)} s  ${cpuCores.toFixed(2)} cores  per second: ${rates.join("  ")}`;
  }
}

/** The last part but one of a ring's name (`rgb24`), or the last where that is not its alone (`results`). */
function labelOf(name: string, rings: readonly DemoRing[]): string {
  const sensorOf = (text: string) => text.split(".").at(-2) ?? text;
  const isAlone = rings.filter((ring) => sensorOf(ring.name) === sensorOf(name)).length === 1;
  return isAlone ? sensorOf(name) : (name.split(".").at(-1) ?? name);
}
