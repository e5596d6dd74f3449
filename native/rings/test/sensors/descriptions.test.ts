import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  describeAudio,
  describeDepth,
  describeImu,
  describeResults,
  isPcmStream,
  parseRingDescription,
} from "../../src/index.ts";

const AUDIO = describeAudio({ sensor: "microphone", codec: "pcm_s16le", sampleRateHz: 48_000, channels: 1 });

/** The description with one field of its stream replaced. */
function withField(field: string, value: unknown): object {
  return { ...AUDIO, streams: [{ ...AUDIO.streams[0], [field]: value }] };
}

test("every description made here passes the check unchanged", () => {
  const made = [
    AUDIO,
    describeImu({ sensor: "imu", sampleRateHz: 200 }),
    describeResults({ camera: "porch" }),
    describeDepth({ sensor: "depth", pixelFormat: "gray16le" }),
  ];
  for (const description of made) {
    const parsed = parseRingDescription(JSON.parse(JSON.stringify(description)));
    assert.deepEqual(parsed, { streams: [], ...description });
  }
  assert.ok(isPcmStream(parseRingDescription(AUDIO).streams[0]));
});

test("every example of a description in docs/ref/rings.md passes the check", () => {
  const page = readFileSync(new URL("../../../../docs/ref/rings.md", import.meta.url), "utf8");
  const [, section = ""] = /\n### Descriptions\n([\s\S]*?)\n## /.exec(page) ?? [];
  const examples = [...section.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  const types = new Set(examples.flatMap((example) => parseRingDescription(example).streams.map(({ type }) => type)));
  assert.deepEqual([...types].sort(), ["audio", "imu", "result", "video"]);
  assert.ok(examples.some((example) => parseRingDescription(example).depth !== undefined));
});

test("nothing said yet, and what older writers say, is a description without streams", () => {
  assert.deepEqual(parseRingDescription(undefined), { streams: [] });
  assert.deepEqual(parseRingDescription({ camera: "porch", model: "motion" }), {
    camera: "porch",
    model: "motion",
    streams: [],
  });
});

test("a wrong description is refused, naming the field, what was expected and what came", () => {
  const refused = (value: unknown, message: RegExp) =>
    assert.throws(() => parseRingDescription(value), { code: "RING_DESCRIPTION_INVALID", message });
  refused([], /an object for the description/);
  refused({ streams: {} }, /a list for streams/);
  refused({ streams: [1] }, /an object for streams\[0\] of the ring's description but received 1 of type number/);
  refused({ sensor: 7 }, /for sensor .* received 7/);
  refused(withField("index", -1), /whole number of at least 0 for streams\[0\]\.index .* received -1/);
  refused(withField("type", "smell"), /one of audio, video, imu, result, data for streams\[0\]\.type .* "smell"/);
  refused(withField("codec", "pcm_u8"), /streams\[0\]\.codec/);
  refused(withField("channels", 1.5), /whole number of at least 1 for streams\[0\]\.channels .* 1\.5/);
  refused(withField("sampleRateHz", undefined), /streams\[0\]\.sampleRateHz .* received nothing/);
  refused({ streams: [...AUDIO.streams, ...AUDIO.streams] }, /an index of its own for each stream/);
  refused({ streams: [{ index: 0, type: "imu", sensors: ["nose"], sampleRateHz: 1 }] }, /streams\[0\]\.sensors/);
  refused({ depth: { metresPerUnit: 0, invalid: 0 } }, /a number above 0 for depth\.metresPerUnit .* 0/);
  refused({ depth: { metresPerUnit: 1 } }, /depth\.invalid .* nothing/);
});
