import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDemoOptions, SOURCE_NAMES } from "../../../cli/demo/options.ts";
import { makeSources } from "../../../cli/demo/sources.ts";

const ringsOf = (...argv: string[]) => {
  const options = parseDemoOptions(argv);
  assert.ok(options !== undefined);
  return makeSources(options, () => {}).flatMap((source) => source.rings.map(({ name }) => name));
};

test("without options every source runs, under the names of the documentation", () => {
  assert.deepEqual(ringsOf().sort(), [
    "demo.bgr24.frames",
    "demo.camera.packets",
    "demo.camera.results",
    "demo.depth16.frames",
    "demo.depthf32.frames",
    "demo.gray.frames",
    "demo.i420.frames",
    "demo.imu.imu",
    "demo.microphone.audio",
    "demo.nv12.frames",
    "demo.rgb24.frames",
    "demo.stereo.audio",
    "demo.vlc-1.frames",
    "demo.vlc-2.frames",
    "demo.vlc-3.frames",
    "demo.vlc-4.frames",
  ]);
});

test("--only leaves out the rest, one by one; results bring the camera that they speak of", () => {
  for (const name of SOURCE_NAMES) {
    const count = { vlc: 4, results: 2 }[name as string] ?? 1;
    assert.equal(ringsOf("--only", name, "--prefix", "x").length, count, name);
  }
  assert.deepEqual(ringsOf("--only", "results", "--prefix", "a.b"), ["a.b.rgb24.frames", "a.b.camera.results"]);
});

test("options that are none are refused, naming the option and what it takes", () => {
  const refused = (argv: string[], message: RegExp) =>
    assert.throws(() => parseDemoOptions(argv), { code: "RING_OPTION_INVALID", message });
  refused(["--only", "rgb24,smell"], /some of rgb24, .*packets for --only but received smell/);
  refused(["--only", ""], /--only but received nothing/);
  refused(["--size", "641x480"], /even numbers from 64 to 7680, for --size but received "641x480"/);
  refused(["--size", "640"], /--size but received "640"/);
  refused(["--fps", "0"], /--fps/);
  refused(["--fps", "1000"], /at most 240 for --fps but received 1000/);
  refused(["--prefix", "../x"], /--prefix but received "\.\.\/x"/);
  refused(["--seconds", "soon"], /--seconds/);
  refused(["--nose"], /--nose/);
  refused(["porch"], /options only but received porch/);
  assert.equal(parseDemoOptions(["--help"]), undefined);
});
