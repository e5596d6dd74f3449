import assert from "node:assert/strict";
import { test } from "node:test";
import { type CameraContents, expectedBytes, holesOf } from "../src/saving/contents.ts";
import { inOrder, isUnfinished, kindOfFile } from "../src/saving/export-files.ts";
import { savingWords } from "../src/strings/saving-words.ts";

const S = 1_000_000;
const NOW = 10_000 * S;
const span = (fromS: number, toS: number) => ({ startWallUs: fromS * S, endWallUs: toS * S });
const NOTHING = { segments: [], gaps: [], unavailable: [] };

test("what is recorded is counted within the selection, and what is missing has the cause that overlaps it most", () => {
  const data = {
    segments: [span(90, 120), span(120.2, 130), span(150, 300)],
    gaps: [
      { ...span(130, 132), cause: "service-restart" as const },
      { ...span(132, 150), cause: "privacy" as const },
    ],
    unavailable: [],
  };
  const { recordedUs, holes } = holesOf(data, { fromUs: 100 * S, toUs: 200 * S }, NOW);
  assert.equal(recordedUs, 80 * S);
  assert.deepEqual(holes, [{ ...span(130, 150), why: "privacy" }]);
});

test("without any recording all of it is missing: nobody knows why, its disk is away, or it is too new", () => {
  const asked = { fromUs: 100 * S, toUs: 200 * S };
  assert.deepEqual(holesOf(NOTHING, asked, NOW), { recordedUs: 0, holes: [{ ...span(100, 200), why: undefined }] });
  const away = { ...NOTHING, unavailable: [span(50, 250)] };
  assert.equal(holesOf(away, asked, NOW).holes[0]?.why, "unavailable");
  assert.equal(holesOf(NOTHING, { fromUs: NOW - 5 * S, toUs: NOW }, NOW).holes[0]?.why, "pending");
});

test("a break of less than a second is none", () => {
  const data = { ...NOTHING, segments: [span(0, 10), span(10.9, 20)] };
  assert.deepEqual(holesOf(data, { fromUs: 0, toUs: 20 * S }, NOW).holes, []);
});

test("bytes add up, and encoding anew may take half as much again", () => {
  const of = (bytes: number): CameraContents => ({
    camera: "a",
    recordedUs: 1,
    holes: [],
    bytes,
    isHevc: false,
    hasSound: false,
  });
  assert.equal(expectedBytes([of(100), of(20)], "original"), 120);
  assert.equal(expectedBytes([of(100)], "burned-time"), 150);
});

test("footage is listed first, then what proves it, and each file is explained", () => {
  const file = (name: string) => ({ name, bytes: 1, sha256: "", crc32: 0 });
  const names = ["manifest.sig", "manifest.json", "b.mp4", "verify-export.py", "manifest.sha256", "a.mp4"];
  const ordered = inOrder(names.map(file));
  assert.deepEqual(
    ordered.map(({ name }) => name),
    ["a.mp4", "b.mp4", "verify-export.py", "manifest.json", "manifest.sha256", "manifest.sig"],
  );
  assert.ok(ordered.every((each) => savingWords.page.kinds[kindOfFile(each)].length > 0));
  assert.deepEqual([isUnfinished({ state: "queued" }), isUnfinished({ state: "failed" })], [true, false]);
});
