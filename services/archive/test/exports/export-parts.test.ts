import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { REPOSITORY_ROOT } from "@lanthorn/testing";
import fc from "fast-check";
import { planParts } from "../../src/exports/burning/burn-plan.ts";
import { overlayScript, plainText } from "../../src/exports/burning/overlay-script.ts";
import { chooseAudio, chooseVideo } from "../../src/exports/footage/choose-samples.ts";
import { missingIn, planFiles } from "../../src/exports/footage/footage-plan.ts";
import { wallClockOf } from "../../src/exports/footage/wall-clock.ts";
import { layOutZip, zipPartBytes } from "../../src/exports/handing-over/zip-layout.ts";
import { LocalTime, lengthInWords } from "../../src/exports/local-time.ts";
import { layOut } from "../../src/exports/progressive/progressive-layout.ts";
import { SampleTable, type TrackTable } from "../../src/exports/progressive/track-table.ts";
import { chunkBytesFor } from "../../src/exports/worker/part-file.ts";
import { boxAt, childBoxes, writeBox } from "../../src/mp4/box.ts";
import { parseInit } from "../../src/mp4/init.ts";
import type { PlayableSegment } from "../../src/playback/recording-plan.ts";
import { madeInit, START_US } from "../support/made-packets.ts";

const S = 1_000_000;

function segment(id: number, startS: number, lengthS: number, initSegmentId = 1): PlayableSegment {
  return {
    ...{
      id,
      camera: "street",
      stream: "main",
      disk: 1,
      initSegmentId,
      headerBytes: 100,
      mediaBytes: 1000,
      isGrowing: false,
    },
    startWallUs: START_US + startS * S,
    endWallUs: START_US + (startS + lengthS) * S,
    duration90k: lengthS * 90_000,
  };
}

/** 25 pictures a second from 0 on, a key frame every second, all of one source. */
function pictures(
  seconds: number,
  sourceAt = (_second: number) => 0,
  compositionTicks = (_frame: number) => 0,
): SampleTable {
  const table = new SampleTable();
  for (let frame = 0; frame < seconds * 25; frame++) {
    const source = sourceAt(Math.floor(frame / 25));
    table.push({
      dtsTicks: frame * 3600,
      compositionTicks: compositionTicks(frame),
      durationTicks: 3600,
      bytes: 10,
      key: frame % 25 === 0,
      source,
      offset: frame * 10,
    });
  }
  return table;
}

function track(samples: SampleTable, shown: TrackTable["shown"], delayTicks = 0): TrackTable {
  const box = (type: string, bytes: number) => writeBox(type, Buffer.alloc(bytes - 8));
  return {
    kind: "video",
    timescale: 90_000,
    samples,
    shown,
    delayTicks,
    description: { tkhd: box("tkhd", 92), hdlr: box("hdlr", 33), mediaHeader: box("vmhd", 20), stsd: box("stsd", 30) },
  };
}

test("a file ends where parameters change; where footage is missing only if it is to be split there", () => {
  const segments = [segment(1, 0, 60), segment(2, 60, 60), segment(3, 180, 60), segment(4, 240, 60, 2)];
  const ids = (split: boolean) => planFiles(segments, split).map((file) => file.segments.map(({ id }) => id));
  assert.deepEqual(ids(true), [[1, 2], [3], [4]]);
  assert.deepEqual(ids(false), [[1, 2, 3], [4]]);
});

test("footage stays in the order of recording where the clock was set back", () => {
  const segments = [segment(2, -1800, 60), segment(1, 0, 60)];
  assert.deepEqual(
    planFiles(segments, false).map((file) => file.segments.map(({ id }) => id)),
    [[1, 2]],
  );
});

test("what is missing at the start, in between and at the end is told with its causes", () => {
  const span = { fromUs: START_US, toUs: START_US + 300 * S };
  const gaps = [
    { startWallUs: START_US - 50 * S, endWallUs: START_US + 10 * S, cause: "camera-disconnected" as const },
    { startWallUs: START_US + 70 * S, endWallUs: START_US + 100 * S, cause: "discontinuity" as const },
    { startWallUs: START_US + 160 * S, endWallUs: null, cause: "service-restart" as const },
  ];
  const missing = missingIn(span, [segment(2, 100, 60), segment(1, 10, 60)], gaps);
  assert.deepEqual(
    missing.map(({ startWallUs, endWallUs, causes }) => [
      (startWallUs - START_US) / S,
      (endWallUs - START_US) / S,
      causes,
    ]),
    [
      [0, 10, ["camera-disconnected"]],
      [70, 100, ["discontinuity"]],
      [160, 300, ["service-restart"]],
    ],
  );
  assert.deepEqual(missingIn({ fromUs: START_US + 20 * S, toUs: START_US + 30 * S }, [segment(1, 10, 60)], gaps), []);
});

test("the picture on display at the start is the first one shown, and decoding begins at its key frame", () => {
  const init = parseInit(madeInit());
  assert.ok(init !== undefined);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9_000_000 }),
      fc.integer({ min: 40_000, max: 2_000_000 }),
      (fromUs, lengthUs) => {
        const footage = { init, tables: new Map([[init.primary.id, pictures(10)]]), used: [], shifts90k: [0] };
        const span = { fromUs: START_US + fromUs, toUs: Math.min(START_US + fromUs + lengthUs, START_US + 10 * S) };
        const shown = chooseVideo(footage, [segment(1, 0, 10)], span);
        assert.ok(shown !== undefined);
        assert.equal(shown.fromTicks, Math.floor((fromUs * 9) / 100 / 3600) * 3600);
        assert.equal(shown.firstSample, Math.floor(fromUs / S) * 25);
        assert.ok(Math.abs(shown.toTicks - ((span.toUs - START_US) * 9) / 100) <= 3600);
        assert.equal(shown.toTicks, shown.endSample * 3600);
      },
    ),
  );
});

test("sound is what sounds while pictures are shown", () => {
  const table = pictures(4);
  const { firstSample, endSample } = chooseAudio(table, 90_000, { fromS: 1.01, toS: 2 });
  assert.deepEqual([firstSample, endSample], [25, 50]);
});

test("parts are about a minute, cut at key frames that stand alone, and at every break", () => {
  const segments = [segment(1, 0, 150), segment(2, 200, 50)];
  const table = pictures(200, (second) => (second < 150 ? 0 : 1));
  const shown = { firstSample: 25, endSample: 200 * 25, fromTicks: 30 * 3600, toTicks: 200 * 90_000 };
  const parts = planParts(table, 90_000, shown, segments);
  assert.deepEqual(
    parts.map(({ firstSample, endSample }) => [firstSample / 25, endSample / 25]),
    [
      [1, 61],
      [61, 121],
      [121, 150],
      [150, 200],
    ],
  );
  assert.deepEqual(
    parts.map(({ breakAfter }) => breakAfter?.afterSource),
    [undefined, undefined, 1, undefined],
  );
  assert.deepEqual([parts[0]?.fromTicks, parts[0]?.toTicks, parts[2]?.toTicks], [30 * 3600, 61 * 90_000, 150 * 90_000]);
  const reordered = pictures(
    200,
    () => 0,
    (frame) => (frame % 25 === 1 ? -7200 : 0),
  ); // shown before the key frame
  assert.equal(planParts(reordered, 90_000, shown, segments).length, 1, "no key frame stands alone");
});

test("wall time follows each segment's own start and pace", () => {
  const slow = { ...segment(1, 0, 60), endWallUs: START_US + 60_030_000 };
  const at = wallClockOf([0, 60 * 90_000], [slow, segment(2, 100, 60)], 90_000);
  assert.deepEqual(
    [at(0), at(30 * 90_000), at(60 * 90_000), at(61 * 90_000)].map((us) => us - START_US),
    [0, 30_015_000, 100 * S, 101 * S],
  );
});

test("local time tells the hour that comes twice apart, and names that are no words do no harm", () => {
  const berlin = new LocalTime("Europe/Berlin");
  const twice = Date.UTC(2026, 9, 25, 0, 30) * 1000;
  assert.equal(berlin.precise(twice), "2026-10-25 02:30:00.0 UTC+02:00");
  assert.equal(berlin.precise(twice + 3_600_000_000 + 990_000), "2026-10-25 02:30:00.9 UTC+01:00");
  assert.equal(new LocalTime("UTC").precise(twice), "2026-10-25 00:30:00.0 UTC+00:00");
  assert.equal(berlin.inFileName(twice), "2026-10-25_02-30-00");
  assert.deepEqual([1_500_000, 59_960_000, 185_000_000, 3_600_000_000].map(lengthInWords), [
    "1.5 s",
    "1 min",
    "3 min 5 s",
    "1 h",
  ]);
});

test("nothing in a camera's name is an instruction to the renderer", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (cameraName) => {
      const times = [{ fromS: 0, toS: 1, text: "2026" }];
      const script = overlayScript({ widthPx: 640, heightPx: 360, cameraName, times, card: undefined });
      const [before = "", lines = ""] = script.split("Effect, Text\n");
      assert.equal(before.includes("Script Info"), true);
      const events = lines.trimEnd().split("\n");
      assert.equal(events.length, plainText(cameraName) === "" ? 1 : 2);
      for (const event of events) {
        const text = event.split(",").slice(9).join(",");
        assert.doesNotMatch(text, /(?<!\\)[{}]|\\[^{}\u2060]|\p{Cc}/u);
      }
    }),
  );
});

test("times in the script are never later than the picture they belong to", () => {
  const times = [1 / 60, 2 / 60, 3 / 60].map((fromS) => ({ fromS, toS: fromS + 1 / 60, text: "t" }));
  const script = overlayScript({ widthPx: 640, heightPx: 360, cameraName: "", times, card: undefined });
  const starts = [...script.matchAll(/^Dialogue: 3,0:00:0(\d\.\d\d)/gm)].map(([, at]) => Number(at));
  assert.deepEqual(starts, [0.01, 0.03, 0.05]);
});

test("a plain MP4 says where its samples are, also beyond 4 GB", () => {
  const samples = pictures(2);
  const { header, ranges, bytes } = layOut([track(samples, { fromTicks: 3600, durationTicks: 90_000 })], START_US);
  assert.equal(ranges.length, 1, "neighbours are copied together");
  assert.equal(bytes, header.length + 500);
  assert.deepEqual(
    childBoxes(Buffer.concat([header, Buffer.alloc(500)]), 0, bytes)?.map(({ type }) => type),
    ["ftyp", "moov", "mdat"],
  );
  const huge = samples.slice(0, 50, (row) => ({ ...row, bytes: 200_000_000, offset: row.offset * 20_000_000 }));
  const far = layOut([track(huge, { fromTicks: 0, durationTicks: 180_000 })], START_US);
  const moov = childBoxes(far.header.subarray(0, far.header.length - 16), 0, far.header.length - 16)?.find(
    ({ type }) => type === "moov",
  );
  const stbl = moov && boxAt(far.header, moov, ["trak", "mdia", "minf", "stbl", "co64"]);
  assert.ok(stbl !== undefined);
  assert.equal(Number(far.header.readBigUInt64BE(stbl.offset + 16)), far.header.length);
  assert.equal(Number(far.header.readBigUInt64BE(far.header.length - 8)), 16 + 50 * 200_000_000);
});

test("the exact start stands in the edit list, and a late track begins late", () => {
  const { header } = layOut([track(pictures(2), { fromTicks: 7200, durationTicks: 90_000 }, 450)], START_US);
  const moov = childBoxes(header.subarray(0, header.length - 8), 0, header.length - 8)?.find(
    ({ type }) => type === "moov",
  );
  const elst = moov && boxAt(header, moov, ["trak", "edts", "elst"]);
  assert.ok(elst !== undefined);
  const words = Array.from({ length: 7 }, (_, index) => header.readInt32BE(elst.offset + 12 + index * 4));
  assert.deepEqual(words, [2, 450, -1, 0x10000, 90_000, 7200, 0x10000]);
});

test("a zip of files beyond 4 GB has their sizes in 64 bits", () => {
  const file = { name: "long.mp4", bytes: 6_000_000_000, sha256: "00", crc32: 0xffffffff };
  const parts = layOutZip("x", [file, { ...file, name: "two.mp4" }], START_US);
  const total = parts.reduce((sum, part) => sum + zipPartBytes(part), 0);
  assert.ok(total > 12_000_000_000 && total < 12_000_001_000);
  const end = parts.at(-1);
  assert.ok(end?.kind === "bytes");
  const locator = end.bytes.length - 42;
  assert.equal(Number(end.bytes.readBigUInt64LE(locator + 8)), total - 98, "the locator points to the end record");
});

test("a manifest has at most a few thousand chunks of a file", () => {
  assert.deepEqual([1, 2 ** 31, 2 ** 31 + 1, 2 ** 36].map(chunkBytesFor), [2 ** 20, 2 ** 20, 2 ** 21, 2 ** 25]);
});

test("the verifier's Ed25519 agrees with OpenSSL's", () => {
  const folder = mkdtempSync(join(tmpdir(), "lanthorn-ed25519-"));
  try {
    const cases = Array.from({ length: 24 }, (_, index) => {
      const { privateKey } = generateKeyPairSync("ed25519");
      const message = Buffer.alloc(index * 7, index);
      const signature = sign(null, message, privateKey);
      const isGood = index % 3 !== 0;
      if (!isGood) {
        signature[(index * 5) % 64] = (signature[(index * 5) % 64] ?? 0) ^ 1;
      }
      const key = createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32);
      return {
        message: message.toString("hex"),
        signature: signature.toString("hex"),
        key: key.toString("hex"),
        isGood,
      };
    });
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    const verifier = join(REPOSITORY_ROOT, "services/archive/src/exports/verifier/verify-export.py");
    const program = `
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verify = importlib.util.module_from_spec(spec); spec.loader.exec_module(verify)
h = bytes.fromhex
print([verify.is_signed(h(c["message"]), h(c["signature"]), h(c["key"])) == c["isGood"] for c in json.load(open(sys.argv[2]))].count(False))
print(verify.is_signed(b"", b"\\0" * 64, b"\\xff" * 32), verify.is_signed(b"", b"", b""))
`;
    const said = execFileSync("python3", ["-B", "-c", program, verifier, join(folder, "cases.json")], {
      encoding: "utf8",
    });
    assert.equal(said.trim(), "0\nFalse False");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
