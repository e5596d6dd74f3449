import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { REPOSITORY_ROOT } from "@lanthorn/testing";
import { SERVICES } from "../../provisioning/services.ts";

/** Tells at the end what was loaded: modules, parts of Node, and libraries that are mapped. */
const TELL = `
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
process.on("exit", () => console.log([...urls, ...process.moduleLoadList, readFileSync("/proc/self/maps", "utf8")].join("\\n")));`;

/** Loads a service's modules without starting it. */
function loadedBy(main: string): string {
  const hook = `data:text/javascript,${encodeURIComponent(TELL)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", hook, join(REPOSITORY_ROOT, main)], {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
    env: { ...process.env, LANTHORN_ONLY_COMPILE: "1" },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** What is dear, and who may have it from the start. Each costs 10 to 30 ms of a start or several MiB. */
const DEAR: readonly { readonly what: string; readonly pattern: RegExp; readonly services: readonly string[] }[] = [
  { what: "libav", pattern: /\/libavcodec\.so/, services: ["ingest", "decode", "inference", "archive"] },
  { what: "libsrt", pattern: /\/libsrt[^/]*\.so/, services: ["ingest", "decode", "inference", "archive"] },
  { what: "ONNX Runtime", pattern: /\/libonnxruntime\.so/, services: ["inference"] },
  { what: "an MQTT client", pattern: /node_modules\/mqtt\//, services: ["automation"] },
  { what: "an MQTT broker", pattern: /node_modules\/aedes\//, services: [] },
  { what: "compilers of JSON schemas", pattern: /node_modules\/ajv\//, services: [] },
  { what: "OpenTelemetry", pattern: /node_modules\/@opentelemetry\//, services: [] },
  { what: "undici", pattern: /NativeModule internal\/deps\/undici/, services: [] },
  { what: "test helpers", pattern: /services\/lib\/testing\//, services: [] },
];

for (const { name, main } of SERVICES) {
  test(`${name} loads nothing dear that it does not live by`, () => {
    const loaded = loadedBy(main);
    assert.match(loaded, /node_modules\/fastify\/fastify\.js/, "what was loaded is told");
    assert.match(loaded, /services\/lib\/base\/src\/lifecycle\.ts/);
    for (const { what, pattern, services } of DEAR) {
      assert.equal(pattern.exec(loaded)?.[0] !== undefined, services.includes(name), `${name} and ${what}`);
    }
  });
}
