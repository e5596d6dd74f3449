import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertNever,
  baseErrors,
  defineErrors,
  ERROR_KINDS,
  EXIT_CODE_OF_KIND,
  HTTP_STATUS_OF_KIND,
  LanthornError,
  toLanthornError,
} from "../src/index.ts";

test("an error carries its kind, its code, and a message with the values filled in", () => {
  const errors = defineErrors({ PORT_TAKEN: ["already-exists", "Port {port} of {host} is taken ({port})"] });
  const cause = new Error("EADDRINUSE");
  const error = errors.make("PORT_TAKEN", { port: 1883, host: "::1" }, cause);
  assert.ok(error instanceof LanthornError);
  assert.equal(error.message, "Port 1883 of ::1 is taken (1883)");
  assert.equal(error.kind, "already-exists");
  assert.equal(error.code, "PORT_TAKEN");
  assert.equal(error.cause, cause);
});

test("a value is never read as a template, and a place without a value stays visible", () => {
  const errors = defineErrors({ ODD: ["internal", "{a} and {b}"] });
  assert.equal(errors.make("ODD", { a: "{b} $& $1" }).message, "{b} $& $1 and {b}");
});

test("anything thrown becomes a LanthornError; what is one already stays the same object", () => {
  const own = baseErrors.make("ABORTED");
  assert.equal(toLanthornError(own), own);
  const foreign = new TypeError("x is not a function");
  const wrapped = toLanthornError(foreign);
  assert.deepEqual([wrapped.kind, wrapped.code, wrapped.message], ["internal", "UNEXPECTED", "x is not a function"]);
  assert.equal(wrapped.cause, foreign);
  assert.equal(toLanthornError("just words").message, "just words");
});

test("every kind has an HTTP status of failure and a non-zero exit code", () => {
  assert.ok(ERROR_KINDS.length > 0);
  for (const kind of ERROR_KINDS) {
    assert.ok(HTTP_STATUS_OF_KIND[kind] >= 400 && HTTP_STATUS_OF_KIND[kind] < 600, kind);
    assert.ok(EXIT_CODE_OF_KIND[kind] > 0 && EXIT_CODE_OF_KIND[kind] < 128, kind);
  }
});

test("reaching the end of a switch over a closed set is UNREACHABLE and names the value", () => {
  assert.throws(() => assertNever("tier-4" as never), { code: "UNREACHABLE", message: /tier-4/ });
});
