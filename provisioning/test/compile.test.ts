import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT_ROOT } from "../project-root.ts";
import { NODE_FLAGS, SERVICES, type ServiceSpec } from "../services.ts";
import { compileService } from "../units/compile.ts";

test("a service compiled beforehand starts without the type stripper, and finds nothing more to compile", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-compiled-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const cameras = SERVICES.find(({ name }) => name === "cameras") as ServiceSpec;
  compileService(cameras, directory);
  const compiled = readdirSync(directory, { recursive: true });
  assert.ok(compiled.length > 100, `${compiled.length} files`);
  compileService(cameras, directory);
  assert.deepEqual(readdirSync(directory, { recursive: true }).toSorted(), compiled.toSorted());
  assert.equal(loadsTypeStripper(directory), false);
  assert.equal(loadsTypeStripper(join(directory, "empty")), true, "the sign looked for is there without the cache");
});

/** Loads the cameras service once more and asks which of its own parts Node loaded. */
function loadsTypeStripper(cacheDirectory: string): boolean {
  const told = `data:text/javascript,process.on("exit",()=>console.log(process.moduleLoadList.join()))`;
  const main = join(PROJECT_ROOT, "services/cameras/main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [...NODE_FLAGS, "--import", told, main], {
    encoding: "utf8",
    env: { NODE_COMPILE_CACHE: cacheDirectory, LANTHORN_ONLY_COMPILE: "1" },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /NativeModule internal\/modules\/typescript/);
  return stdout.includes("amaro");
}

test("a service that cannot be compiled is named, with the reason", () => {
  const [first] = SERVICES as [ServiceSpec];
  const missing = { ...first, main: "services/nothing-here/main.ts" };
  assert.throws(() => compileService(missing, join(tmpdir(), "lanthorn-nothing")), { code: "RUN_COMPILE_FAILED" });
  rmSync(join(tmpdir(), "lanthorn-nothing"), { recursive: true, force: true });
});
