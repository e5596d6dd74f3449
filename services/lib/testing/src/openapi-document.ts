/** Tests of OpenAPI documents: that one is valid, and that it describes the routes there are. */
import assert from "node:assert/strict";

/** Asserts that a document is OpenAPI 3.1 by the schema of the OpenAPI Initiative, and that no two operations have one name. */
export async function assertOpenApi(document: object): Promise<void> {
  const { Validator } = await import("@seriousme/openapi-schema-validator"); // here: few tests need it, and it is 200 modules
  const validator = new Validator();
  const { errors, valid } = await validator.validate(structuredClone(document) as Record<string, unknown>);
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(validator.version, "3.1");
  const { paths } = document as { paths: Record<string, Record<string, { operationId?: string }>> };
  const names = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  assert.equal(new Set(names).size, names.length, "two operations have one name");
}

/** Operations that a document describes, as `GET /cameras/{id}`, sorted. */
export function describedOperations(document: object): string[] {
  const { paths } = document as { paths: Record<string, object> };
  return Object.entries(paths)
    .flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`))
    .toSorted();
}

/** The same of what a server serves, from fastify's printRoutes({ commonPrefix: false }); without HEAD, which GET brings along. */
export function servedOperations(routeTree: string): string[] {
  const parents: string[] = [];
  const found = new Set<string>();
  for (const line of routeTree.split("\n")) {
    const match = /^([\s│]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line); // each level is indented by four characters
    if (match === null) {
      continue;
    }
    const [, indent = "", part = "", methods = ""] = match;
    const depth = indent.length / 4;
    const path = `${depth === 0 ? "" : parents[depth - 1]}${part}`;
    parents[depth] = path;
    for (const method of methods.split(", ").filter((one) => one !== "" && one !== "HEAD")) {
      found.add(`${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    }
  }
  return [...found].toSorted();
}
