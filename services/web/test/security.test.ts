import assert from "node:assert/strict";
import { test } from "node:test";
import { hostNameOf, isJson, isOwnHost, isSameOrigin } from "../src/security.ts";

test("a host header is taken apart, whatever its form", () => {
  assert.equal(hostNameOf("Lanthorn-ab12.local:8420"), "lanthorn-ab12.local");
  assert.equal(hostNameOf("[fe80::1]:8420"), "fe80::1");
  assert.equal(hostNameOf("192.168.1.7"), "192.168.1.7");
  for (const bad of [undefined, "", "a b", "x:y:z", "host:port"]) {
    assert.equal(hostNameOf(bad), undefined, String(bad));
  }
});

test("only names that no public DNS can give are this box's own, beside those configured", () => {
  for (const own of ["127.0.0.1:8420", "[::1]:8420", "localhost", "lanthorn-ab12.local", "cams.home.example:443"]) {
    assert.equal(isOwnHost(own, ["cams.home.example"]), true, own);
  }
  for (const foreign of ["evil.example", "localhost.evil.example", "local", undefined]) {
    assert.equal(isOwnHost(foreign, ["cams.home.example"]), false, String(foreign));
  }
});

test("a WebSocket may be opened, and something changed, by a page of the same host and by programs that send no Origin", () => {
  assert.equal(isSameOrigin(undefined, "127.0.0.1:8420"), true);
  assert.equal(isSameOrigin("http://127.0.0.1:8420", "127.0.0.1:8420"), true);
  assert.equal(isSameOrigin("http://127.0.0.1:9999", "127.0.0.1:8420"), false);
  assert.equal(isSameOrigin("https://evil.example", "127.0.0.1:8420"), false);
  assert.equal(isSameOrigin("null", "127.0.0.1:8420"), false);
});

test("JSON is what says so, whatever its parameters", () => {
  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"]) {
    assert.equal(isJson(type), true, type);
  }
  for (const type of [undefined, "", "text/plain", "application/jsonp", "text/plain, application/json"]) {
    assert.equal(isJson(type), false, String(type));
  }
});
