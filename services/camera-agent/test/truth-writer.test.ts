import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryHome } from "@lanthorn/testing";
import { TruthWriter } from "../src/truth-writer.ts";

const line = (frame: number) => ({ frame, ptsS: frame / 15, pts90k: frame * 6000, wallUs: 1, boxes: [] });

test("each frame is one line of JSON, readable as soon as it is written", () => {
  using home = makeTemporaryHome();
  const file = join(home.root, "truth", "porch.jsonl");
  const truth = TruthWriter.open(file);
  truth.write(line(0));
  truth.write(line(1));
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((text) => JSON.parse(text)),
    [line(0), line(1)],
  );
  truth.close();
});

test("a file of the largest size is set aside and a new one begun: no line is lost at the change", () => {
  using home = makeTemporaryHome();
  const file = join(home.root, "porch.jsonl");
  const truth = TruthWriter.open(file, 1000);
  for (let frame = 0; frame < 40; frame++) {
    truth.write(line(frame));
  }
  truth.close();
  const frames = [`${file}.1`, file].flatMap((part) =>
    readFileSync(part, "utf8")
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text).frame as number),
  );
  assert.deepEqual(
    frames,
    Array.from({ length: frames.length }, (_, index) => 40 - frames.length + index),
  );
  assert.ok(frames.length >= 14);
});

test("a path that cannot be written is TRUTH_NOT_WRITABLE", () => {
  assert.throws(() => TruthWriter.open("/proc/truth.jsonl"), {
    code: "TRUTH_NOT_WRITABLE",
    message: /\/proc\/truth\.jsonl/,
  });
});
