import assert from "node:assert/strict";
import { dirname, join } from "node:path/posix";
import { test } from "node:test";
import { projectFiles, readProjectFile } from "./source-tree.ts";

/** Lowest layer first; a package may import only packages of its own or a lower layer, and no service another service. */
const LAYERS: readonly RegExp[] = [
  /^native\/notify\//,
  /^services\/lib\/base\//,
  /^native\/(rings|srt)\//,
  /^native\/media\//,
  /^services\/lib\/contract\//,
  /^services\/lib\/(registry|testing)\//,
  /^(services\/(?!lib\/)|provisioning\/)/,
];

function packageFolders(): Map<string, string> {
  const manifests = projectFiles(/^(native|services|provisioning).*\/package\.json$/);
  return new Map(
    manifests.map((file) => [(JSON.parse(readProjectFile(file)) as { name: string }).name, `${dirname(file)}/`]),
  );
}

function importsOf(file: string): string[] {
  const source = readProjectFile(file);
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier = ""]) => specifier);
}

const layerOf = (path: string) => LAYERS.findIndex((layer) => layer.test(path));

/** Faults of one import: going up a layer, from service to service, or by a relative path out of its package. */
function faultOf(file: string, specifier: string, folders: ReadonlyMap<string, string>): string | undefined {
  const own = [...folders.values()]
    .filter((folder) => file.startsWith(folder))
    .toSorted((a, b) => b.length - a.length)[0];
  if (own === undefined) {
    return undefined;
  }
  if (specifier.startsWith(".")) {
    const target = join(dirname(file), specifier);
    return target.startsWith(own) ? undefined : `${file} reaches out of its package: ${specifier}`;
  }
  const target = folders.get(specifier.replace(/^(@[^/]+\/[^/]+)\/.*$/, "$1")); // a part of a package is of its layer
  if (target === undefined || target === own) {
    return undefined;
  }
  if (layerOf(target) > layerOf(own)) {
    return `${file} imports ${specifier} of a higher layer`;
  }
  return layerOf(target) === LAYERS.length - 1 ? `${file} imports another service: ${specifier}` : undefined;
}

test("the checker sees a reach-across, an upward import and a service import", () => {
  const folders = new Map([
    ["@lanthorn/base", "services/lib/base/"],
    ["@lanthorn/contract", "services/lib/contract/"],
    ["@lanthorn/service-web", "services/web/"],
    ["@lanthorn/service-archive", "services/archive/"],
  ]);
  assert.ok(faultOf("services/web/main.ts", "../archive/main.ts", folders));
  assert.ok(faultOf("services/lib/base/src/a.ts", "@lanthorn/contract", folders));
  assert.ok(faultOf("services/lib/base/src/a.ts", "@lanthorn/contract/archive", folders));
  assert.ok(faultOf("services/web/main.ts", "@lanthorn/service-archive", folders));
  assert.equal(faultOf("services/web/main.ts", "@lanthorn/base", folders), undefined);
});

test("imports point one way: native, base, contract, services; and no service imports another", () => {
  const folders = packageFolders();
  // Tests may use @lanthorn/testing wherever they lie.
  const files = projectFiles(/^(native|services|provisioning)\/.*\.tsx?$/).filter(
    (file) => !/\/(test|bench)\//.test(file),
  );
  const faults = files.flatMap((file) => importsOf(file).map((specifier) => faultOf(file, specifier, folders)));
  assert.deepEqual(
    faults.filter((fault) => fault !== undefined),
    [],
  );
});
