import assert from "node:assert/strict";
import { test } from "node:test";
import { LanthornError } from "@lanthorn/base";
import { connectError, isVersionRefusal } from "../src/broker-errors.ts";

const broker = { url: "mqtt://10.0.0.2:1883", username: "lanthorn" };
const thrown = (code: unknown, message = "words") => Object.assign(new Error(message), { code });

test("each refusal and each socket error has its own words and says what to do", () => {
  for (const [code, expected, words] of [
    [4, "MQTT_LOGIN_REFUSED", /user lanthorn \(bad user name or password\).*mqtt-password/],
    [5, "MQTT_LOGIN_REFUSED", /not authorised/],
    [134, "MQTT_LOGIN_REFUSED", /bad user name/],
    [135, "MQTT_LOGIN_REFUSED", /not authorised/],
    [3, "MQTT_REFUSED", /not available/],
    [199, "MQTT_REFUSED", /code 199/],
    ["ECONNREFUSED", "MQTT_UNREACHABLE", /nothing listens there.*mqtt\.url/],
    ["ENOTFOUND", "MQTT_UNREACHABLE", /unknown host name/],
    ["EPERM", "MQTT_UNREACHABLE", /firewall/],
    ["EODD", "MQTT_UNREACHABLE", /words/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "MQTT_TLS_FAILED", /mqtt\.caFile/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "MQTT_TLS_FAILED", /host name/],
    [undefined, "MQTT_UNREACHABLE", /words/],
  ] as const) {
    const error = connectError(thrown(code), broker);
    assert.equal(error.code, expected, String(code));
    assert.match(error.message, words);
    assert.ok(error.message.includes(broker.url));
  }
});

test("a login without an account is called that", () => {
  assert.match(connectError(thrown(5), { ...broker, username: "" }).message, /a client without an account/);
});

test("what is one of our errors already passes unchanged", () => {
  const own = new LanthornError("unavailable", "X", "x");
  assert.equal(connectError(own, broker), own);
});

test("only a refusal of the version is worth an older version", () => {
  assert.ok(isVersionRefusal(thrown(1)) && isVersionRefusal(thrown(132)));
  assert.ok(!isVersionRefusal(thrown(5)) && !isVersionRefusal(thrown("ECONNREFUSED")));
});
