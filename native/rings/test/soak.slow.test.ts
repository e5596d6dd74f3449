/**
 * Soak of the rings: a writer and readers in three languages as real processes, killed at random all the time, until a million
 * frames were published. Nothing torn is returned, no lease and no object leaks, memory stays flat.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { elapsedMs, systemClock } from "@lanthorn/base";
import { listRings } from "../src/index.ts";
import { NOTHING, plus, SoakProcess } from "./soak/soak-process.ts";
import { leftovers, testRingName } from "./support/ring-names.ts";

const FRAMES = 1_000_000;
/** Of them, those before the last writer, which is not killed: its memory is watched. */
const FRAMES_WITH_KILLS = 800_000;
const SMALL_BYTES = 1024;
const FULL_HD_BYTES = 1920 * 1080 * 1.5; // NV12
const TIME_LIMIT_MS = 20 * 60_000;
/** How much private memory a process may gain over the calm part; garbage collectors breathe. */
const GROWTH_KIB = 12 * 1024;

const file = (name: string) => fileURLToPath(new URL(`soak/${name}`, import.meta.url));

function compileReader(folder: string): string {
  const program = join(folder, "reader");
  const include = fileURLToPath(new URL("../readers/c", import.meta.url));
  execFileSync("gcc", ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", `-I${include}`, "-o", program, file("reader.c")]);
  return program;
}

const random = (low: number, high: number) => low + Math.random() * (high - low);

/** Frames that the ring of this writer holds or held. */
const publishedBy = (prefix: string) => Number(listRings(`${prefix}.frames`)[0]?.lastSequence ?? 0n);

/** The mean of numbers. */
const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test("a million frames under random kill -9: nothing torn, nothing leaked", { timeout: 30 * 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lanthorn-soak-"));
  const prefix = testRingName();
  const begin = systemClock.monoNs();
  const inC = compileReader(folder);
  const inNode = [process.execPath, file("reader.ts"), prefix];
  const inPython = ["python3", file("reader.py"), prefix];
  const elders = [
    new SoakProcess("TypeScript elder", inNode),
    new SoakProcess("Python elder", [...inPython, "frames"]),
    new SoakProcess("C elder", [inC, prefix, "frames"]),
  ];
  const mortals = [
    new SoakProcess("TypeScript", inNode),
    new SoakProcess("Python frames", [...inPython, "frames"]),
    new SoakProcess("Python records", [...inPython, "records"]),
    new SoakProcess("C frames", [inC, prefix, "frames"]),
    new SoakProcess("C records", [inC, prefix, "records"]),
  ];
  const readers = [...elders, ...mortals];
  const small = new SoakProcess("writer", [process.execPath, file("writer.ts"), prefix, `${SMALL_BYTES}`, "50", "4"]);
  const fullHd = new SoakProcess("writer 1080p", [
    process.execPath,
    file("writer.ts"),
    prefix,
    `${FULL_HD_BYTES}`,
    "1",
    "5",
  ]);
  const all = [...readers, small, fullHd];
  const faults = () => [
    ...all.flatMap(({ crashes }) => crashes),
    ...readers.filter((r) => r.tally().torn > 0).map((r) => `${r.name}: torn`),
  ];
  let killing = true;
  const reaper = (async () => {
    while (killing) {
      await setTimeout(random(50, 500));
      const victim = mortals[Math.floor(random(0, mortals.length))];
      await victim?.kill();
      victim?.start();
    }
  })();
  try {
    for (const reader of readers) {
      reader.start();
    }
    // Part one: writers are killed, too.
    let published = 0;
    for (
      let life = 0;
      published < FRAMES_WITH_KILLS && elapsedMs(begin, systemClock.monoNs()) < TIME_LIMIT_MS;
      life++
    ) {
      const writer = life % 8 === 7 ? fullHd : small;
      writer.start();
      await writer.heard();
      await setTimeout(random(100, 3000));
      await writer.kill();
      published += publishedBy(prefix);
      assert.deepEqual(faults(), []);
    }
    // Part two: the writer lives; readers go on being killed.
    small.start();
    await small.heard();
    const watched = [small, ...elders];
    const samples = watched.map(() => [] as number[]);
    while (published + publishedBy(prefix) < FRAMES && elapsedMs(begin, systemClock.monoNs()) < TIME_LIMIT_MS) {
      await setTimeout(250);
      assert.deepEqual(faults(), []);
      for (const [i, process] of watched.entries()) {
        samples[i]?.push(process.privateKiB());
      }
    }
    published += publishedBy(prefix);
    killing = false;
    await reaper;
    const growth = watched.map(({ name }, i) => {
      const sizes = samples[i] ?? [];
      const third = Math.floor(sizes.length / 3); // the first one is warming up
      return {
        name,
        grewKiB: Math.round(mean(sizes.slice(2 * third)) - mean(sizes.slice(third, 2 * third))),
        nowKiB: sizes.at(-1),
      };
    });
    await Promise.all(readers.map((reader) => reader.kill()));
    // All readers are dead, without having given anything back.
    await small.tell("reserve-all");
    const reserve = JSON.parse(small.lastLine);
    const sum = readers.map((reader) => reader.tally()).reduce(plus, NOTHING);
    const summary = {
      frames: published,
      writerKills: small.kills + fullHd.kills,
      readerKills: mortals.reduce((kills, { kills: more }) => kills + more, 0),
      ...sum,
      reserve,
      growth,
      seconds: Math.round(elapsedMs(begin, systemClock.monoNs()) / 1000),
    };
    t.diagnostic(JSON.stringify(summary));
    assert.ok(published >= FRAMES, `only ${published} frames within the time`);
    assert.equal(sum.torn, 0);
    assert.deepEqual(faults(), []);
    for (const { name, tally } of readers.map((reader) => ({ name: reader.name, tally: reader.tally() }))) {
      assert.ok(tally.leases + tally.records > 100, `${name} read next to nothing: ${JSON.stringify(tally)}`);
    }
    assert.ok(summary.writerKills >= 20 && summary.readerKills >= 100 && sum.reopened > summary.writerKills);
    assert.deepEqual(reserve, { slots: 16, reserved: 15, code: "RING_BUSY" }, "every slot but the newest");
    assert.deepEqual(leftovers(), [], "a closed writer leaves nothing, whatever died before it");
    assert.deepEqual(
      growth.filter(({ grewKiB }) => !(grewKiB < GROWTH_KIB)),
      [],
    );
  } finally {
    killing = false;
    await reaper;
    await Promise.all(all.map((process) => process.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
});
