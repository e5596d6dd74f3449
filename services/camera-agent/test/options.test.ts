import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAgentOptions } from "../src/options.ts";

const GOOD = [
  "--camera",
  "porch",
  "--source",
  "scene:street",
  "--url",
  "srt://127.0.0.1:9000",
  "--credentials",
  "/k.json",
];

function withOption(option: string, value: string): string[] {
  const at = GOOD.indexOf(option);
  return at < 0 ? [...GOOD, option, value] : GOOD.with(at + 1, value);
}

test("the usual command line is understood, with defaults for the rest", () => {
  assert.deepEqual(parseAgentOptions(GOOD), {
    camera: "porch",
    source: { kind: "scene", scene: "street" },
    target: { kind: "srt", host: "127.0.0.1", port: 9000 },
    credentialsFile: "/k.json",
    truthFile: undefined,
    widthPx: undefined,
    heightPx: undefined,
    fps: undefined,
    sub: undefined,
    seed: 1,
    latencyMs: 120,
    hasImu: false,
    toneHz: undefined,
  });
});

test("sensors and a test tone are understood for scenes, and refused for a file, which has its own", () => {
  const { hasImu, toneHz } = parseAgentOptions([...GOOD, "--imu", "--tone", "440"]);
  assert.deepEqual([hasImu, toneHz], [true, 440]);
  for (const more of [["--imu"], ["--tone", "440"]]) {
    assert.throws(() => parseAgentOptions([...withOption("--source", "/a.mp4"), ...more]), {
      code: "AGENT_OPTION_INVALID",
    });
  }
  assert.throws(() => parseAgentOptions([...GOOD, "--tone", "loud"]), { code: "AGENT_OPTION_INVALID" });
});

test("a sub-stream has a size, and goes to a box only", () => {
  assert.deepEqual(parseAgentOptions([...GOOD, "--sub", "320x180"]).sub, { widthPx: 320, heightPx: 180 });
  assert.throws(() => parseAgentOptions([...GOOD, "--sub", "small"]), /for --sub but received "small"/);
  const toFile = [...withOption("--url", "file:///tmp/a.ts"), "--sub", "320x180"];
  assert.throws(() => parseAgentOptions(toFile), { code: "AGENT_OPTION_INVALID" });
});

test("a file, an IPv6 address, a size, a rate, a seed and a latency are understood", () => {
  assert.deepEqual(parseAgentOptions(withOption("--source", "/media/a b.mp4")).source, {
    kind: "file",
    file: "/media/a b.mp4",
  });
  assert.deepEqual(parseAgentOptions(withOption("--url", "srt://[::1]:9000")).target, {
    kind: "srt",
    host: "::1",
    port: 9000,
  });
  assert.equal(parseAgentOptions(withOption("--size", "1280x720")).heightPx, 720);
  assert.equal(parseAgentOptions(withOption("--fps", "30")).fps, 30);
  assert.equal(parseAgentOptions(withOption("--seed", "0")).seed, 0);
  assert.equal(parseAgentOptions(withOption("--latency-ms", "300")).latencyMs, 300);
});

test("a file as target needs no credentials", () => {
  const argv = ["--camera", "porch", "--source", "scene:quiet", "--url", "file:///tmp/a%20b.ts"];
  assert.deepEqual(parseAgentOptions(argv).target, { kind: "file", file: "/tmp/a b.ts" });
});

const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["nothing at all", [], /--camera is missing/],
  ["an unknown option", [...GOOD, "--loud"], /--loud/],
  ["a stray word", [...GOOD, "stray"], /stray/],
  ["a camera id with a slash", withOption("--camera", "a/b"), /--camera but received "a\/b"/],
  ["an unknown scene", withOption("--source", "scene:beach"), /scene:street, scene:stereo, scene:quiet.*"scene:beach"/],
  ["a URL without a port", withOption("--url", "srt://host"), /srt:\/\/host:port/],
  ["another protocol", withOption("--url", "http://host:1"), /srt:\/\/host:port/],
  ["no credentials", GOOD.slice(0, -2), /--credentials is missing/],
  ["an odd size", withOption("--size", "641x360"), /--size but received "641x360"/],
  ["a size in words", withOption("--size", "large"), /--size/],
  ["a rate of zero", withOption("--fps", "0"), /from 1 to 60 for --fps/],
  ["a rate in words", withOption("--fps", "fast"), /--fps but received "fast"/],
  ["a seed below zero", withOption("--seed", "-1"), /--seed/],
  ["a latency without end", withOption("--latency-ms", "99999"), /--latency-ms/],
];

for (const [what, argv, message] of REFUSED) {
  test(`${what} is refused as AGENT_OPTION_INVALID with the usage`, () => {
    assert.throws(
      () => parseAgentOptions(argv),
      (error: Error & { code: string }) => {
        assert.equal(error.code, "AGENT_OPTION_INVALID");
        assert.match(error.message, message);
        assert.match(error.message, /Usage: main\.ts/);
        return true;
      },
    );
  });
}

test("a passphrase in the URL is refused and not repeated", () => {
  for (const url of ["srt://127.0.0.1:9000?passphrase=topsecretkey", "srtx://h:1?passphrase=topsecretkey"]) {
    assert.throws(
      () => parseAgentOptions(withOption("--url", url)),
      (error: Error) => {
        assert.equal(error.message.includes("topsecretkey"), false);
        return true;
      },
    );
  }
});
