import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceOf } from "../run/cameras.ts";
import { parseOptions, SIMULATED_CAMERAS } from "../run/options.ts";
import { withoutUserInfo } from "../run/summary.ts";
import { settingsOf } from "../run/system.ts";

const parse = (...argv: string[]) => parseOptions(argv, "/home/ada");

test("without options there are three simulated cameras and the default home", () => {
  const options = parse();
  assert.equal(options.home, "/home/ada/.lanthorn");
  assert.equal(options.isDefaultHome, true);
  assert.deepEqual(options.cameras, SIMULATED_CAMERAS);
});

test("--camera replaces the simulated cameras and names them after file or host", () => {
  const { cameras } = parse("--camera", "/films/Front Door.mp4", "--camera", "rtsp://10.0.0.7:554/main");
  assert.deepEqual(
    cameras.map(({ id }) => id),
    ["front-door", "10-0-0-7"],
  );
});

test("cameras of the same name get different ids", () => {
  const { cameras } = parse("--camera", "a/clip.mp4", "--camera", "b/clip.mp4");
  assert.deepEqual(
    cameras.map(({ id }) => id),
    ["clip-1", "clip-2"],
  );
});

for (const argv of [
  ["--for", "soon"],
  ["--for", "-1"],
  ["--web-port", "x"],
  ["--mqtt", "http://broker"],
  ["--camera", "srt://"],
  ["stray"],
]) {
  test(`refuses ${argv.join(" ")} as a usage error`, () => {
    assert.throws(() => parse(...argv), { code: "RUN_OPTION_INVALID" });
  });
}

test("a refused broker URL is not repeated: it may hold a password", () => {
  assert.throws(
    () => parse("--mqtt", "http://me:hush@broker"),
    (error: Error) => !error.message.includes("hush"),
  );
});

test("the broker's password never becomes a setting", () => {
  const settings = settingsOf("automation", parse("--mqtt", "mqtt://me:hush@broker:1884"));
  assert.deepEqual(settings, [
    "mqtt.url=mqtt://broker:1884",
    "mqtt.username=me",
    "appliance.url=http://127.0.0.1:8420",
  ]);
});

test("a camera URL is stored without its secrets, which travel apart", () => {
  assert.deepEqual(sourceOf("rtsp://me:hush@cam/main"), {
    source: { kind: "rtsp", url: "rtsp://cam/main" },
    user: "me",
    password: "hush",
  });
  assert.deepEqual(sourceOf("srt://cam:9000?passphrase=0123456789ab&latency=80"), {
    source: { kind: "srt-caller", url: "srt://cam:9000?latency=80" },
    passphrase: "0123456789ab",
  });
  assert.equal(withoutUserInfo("srt://me:hush@cam:9000?passphrase=0123456789ab"), "srt://cam:9000");
});
