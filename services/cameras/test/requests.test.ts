import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraCreate, CameraPatch, parseRequest } from "../src/requests.ts";

const GOOD = { id: "porch", name: "Porch", source: { kind: "srt-listener" } };
const RTSP = { kind: "rtsp", url: "rtsp://192.168.1.9/main" };

test("a good request is taken, with enabled by default and the name trimmed", () => {
  assert.deepEqual(parseRequest(CameraCreate, { ...GOOD, name: "  Porch " }), { ...GOOD, enabled: true });
  parseRequest(CameraCreate, { ...GOOD, name: "Hof – Süd 🚪", passphrase: "0123456789" });
  parseRequest(CameraCreate, { ...GOOD, source: { kind: "srt-caller", url: "srt://10.0.0.7:9000" } });
  parseRequest(CameraCreate, { ...GOOD, source: RTSP, user: "admin", password: "geheim" });
});

const REFUSED: readonly (readonly [what: string, request: unknown, field: RegExp])[] = [
  ["no body", undefined, /\(body\)/],
  ["a body that is a list", [], /\(body\)/],
  ["a missing name", { ...GOOD, name: undefined }, /name/],
  ["a number as name", { ...GOOD, name: 7 }, /name/],
  ["a name of spaces", { ...GOOD, name: "   " }, /name/],
  ["a name with a NUL", { ...GOOD, name: "a\0b" }, /name.*control/],
  ["a name of a million characters", { ...GOOD, name: "n".repeat(1_000_000) }, /name/],
  ["an id with a capital", { ...GOOD, id: "Porch" }, /id: expected 1 to 31 characters/],
  ["an id that walks up a path", { ...GOOD, id: "../../etc" }, /id/],
  ["a text as enabled", { ...GOOD, enabled: "true" }, /enabled/],
  ["an unknown key", { ...GOOD, colour: "red" }, /colour/],
  ["an unknown kind of source", { ...GOOD, source: { kind: "http", url: "http://x" } }, /source/],
  ["an unknown key in the source", { ...GOOD, source: { kind: "srt-listener", port: 1 } }, /port/],
  ["an SRT URL without a port", { ...GOOD, source: { kind: "srt-caller", url: "srt://host" } }, /source\.url.*port/],
  [
    "an SRT URL with a passphrase",
    { ...GOOD, source: { kind: "srt-caller", url: "srt://h:1?passphrase=x" } },
    /source\.url.*encrypted/,
  ],
  [
    "an RTSP URL with a password",
    { ...GOOD, source: { kind: "rtsp", url: "rtsp://a:b@host/x" } },
    /source\.url.*encrypted/,
  ],
  ["an RTSP URL that is none", { ...GOOD, source: { kind: "rtsp", url: "rtsp://" } }, /source\.url/],
  [
    "a URL of 2,000 characters",
    { ...GOOD, source: { kind: "rtsp", url: `rtsp://h/${"a".repeat(2000)}` } },
    /source\.url/,
  ],
  ["a passphrase of 9 characters", { ...GOOD, passphrase: "123456789" }, /passphrase: expected 10 to 79/],
  ["a passphrase of 80 characters", { ...GOOD, passphrase: "p".repeat(80) }, /passphrase/],
  ["a passphrase for RTSP", { ...GOOD, source: RTSP, passphrase: "0123456789" }, /passphrase: has no meaning/],
  ["a password for SRT", { ...GOOD, user: "u", password: "p" }, /user.*\n.*password/],
  ["a user without password", { ...GOOD, source: RTSP, user: "u" }, /together/],
];

for (const [what, request, field] of REFUSED) {
  test(`${what} is refused as CAMERA_INVALID naming the field`, () => {
    assert.throws(() => parseRequest(CameraCreate, request), {
      code: "CAMERA_INVALID",
      kind: "invalid-argument",
      message: field,
    });
  });
}

test("every fault is told at once, and none repeats a secret that came with it", () => {
  const secret = "s3cret-but-tööl";
  try {
    parseRequest(CameraCreate, {
      id: "!",
      name: "",
      source: { kind: "srt-listener" },
      passphrase: secret,
      password: secret,
    });
    assert.fail("expected a refusal");
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /fault/);
    for (const field of ["id:", "name:", "passphrase:"]) {
      assert.ok(message.includes(field), `${field} in ${message}`);
    }
    assert.equal(message.includes(secret), false);
  }
});

const REFUSED_RECORDINGS: readonly (readonly [recording: unknown, field: RegExp])[] = [
  ["events", /recording/],
  [{ mode: "sometimes" }, /recording\.mode/],
  [{ preRollS: 61 }, /recording\.preRollS/],
  [{ preRollS: "5" }, /recording\.preRollS/],
  [{ postRollS: -1 }, /recording\.postRollS/],
  [{ minScore01: 2 }, /recording\.minScore01/],
  [{ labels: ["person", "person"] }, /recording\.labels/],
  [{ labels: [""] }, /recording\.labels\.0/],
  [{ streams: [] }, /recording\.streams/],
  [{ streams: ["third"] }, /recording\.streams\.0/],
  [{ privacy: "yes" }, /recording\.privacy/],
  [{ colour: "red" }, /recording.*colour/],
  [{ schedule: [{ days: [], from: "08:00", to: "09:00", mode: "off" }] }, /recording\.schedule\.0\.days/],
  [{ schedule: [{ days: ["mon"], from: "24:00", to: "09:00", mode: "off" }] }, /recording\.schedule\.0\.from/],
  [{ schedule: [{ days: ["mon"], from: "08:00", to: "9:00", mode: "off" }] }, /recording\.schedule\.0\.to/],
  [{ schedule: [{ days: ["mon"], from: "08:00", to: "09:00" }] }, /recording\.schedule\.0\.mode/],
  [{ schedule: Array.from({ length: 101 }, () => ({})) }, /recording\.schedule/],
  [{ retention: { maxDays: -1 } }, /recording\.retention\.maxDays/],
  [{ retention: { maxBytes: 1.5 } }, /recording\.retention\.maxBytes/],
  [{ retention: { forever: true } }, /recording\.retention.*forever/],
];

test("what cannot be recorded is refused as CAMERA_INVALID naming the field", () => {
  for (const [recording, message] of REFUSED_RECORDINGS) {
    assert.throws(() => parseRequest(CameraPatch, { recording }), { code: "CAMERA_INVALID", message }, String(message));
  }
  assert.deepEqual(parseRequest(CameraPatch, { recording: {} }), { recording: {} });
});

test("a patch changes only what may change, and names something", () => {
  assert.deepEqual(parseRequest(CameraPatch, { enabled: false }), { enabled: false });
  assert.throws(() => parseRequest(CameraPatch, {}), {
    code: "CAMERA_INVALID",
    message:
      /expected at least one of name, enabled, subSourceUrl, port, certificateSha256, user with password, and recording/,
  });
  assert.throws(() => parseRequest(CameraPatch, { id: "gate" }), { code: "CAMERA_INVALID", message: /id/ });
});

test("a port of its own is a number above 1023 or null, and a user goes with a password", () => {
  assert.deepEqual(parseRequest(CameraPatch, { port: 9720 }), { port: 9720 });
  assert.deepEqual(parseRequest(CameraPatch, { port: null }), { port: null });
  const refused: [patch: unknown, field: RegExp][] = [
    [{ port: 1023 }, /port/],
    [{ port: 65_536 }, /port/],
    [{ port: "9720" }, /port/],
    [{ port: 97.2 }, /port/],
    [{ user: "viewer" }, /user: expected user and password together/],
    [{ password: "secret-secret" }, /user: expected user and password together/],
    [{ user: "", password: "secret-secret" }, /user/],
  ];
  for (const [patch, message] of refused) {
    assert.throws(
      () => parseRequest(CameraPatch, patch),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "CAMERA_INVALID");
        assert.match(error.message, message);
        return !error.message.includes("secret-secret");
      },
    );
  }
});
