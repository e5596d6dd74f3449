import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { makeTemporaryHome } from "@lanthorn/testing";
import fastify from "fastify";
import { z } from "zod";
import {
  askEndpoint,
  baseErrors,
  buildOpenApi,
  defineEndpoint,
  endpointUrl,
  installErrorHandler,
  serveEndpoint,
  socketPathOf,
} from "../../src/index.ts";

const Shelf = z.strictObject({ id: z.string().regex(/^[a-z ]+$/) });
const books = defineEndpoint({
  path: "/shelves/:id/books",
  operationId: "listBooks",
  summary: "Books of a shelf",
  params: Shelf,
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(9).default(3).describe("At most so many"),
    word: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  }),
  answer: {
    description: "The books",
    contentType: "application/json",
    schema: z.object({ shelf: z.string(), asked: z.unknown() }),
  },
});
const addBook = defineEndpoint({
  method: "POST",
  path: "/shelves/:id/books",
  operationId: "addBook",
  summary: "Adds a book",
  params: Shelf,
  body: z.strictObject({ title: z.string().min(1) }),
  answer: {
    description: "The book",
    contentType: "application/json",
    status: 201,
    schema: z.object({ title: z.string() }),
  },
});
const broken = defineEndpoint({
  path: "/broken",
  operationId: "broken",
  summary: "Answers something else than it says",
  answer: { description: "A number", contentType: "application/json", schema: z.object({ number: z.number() }) },
});
const invalid = (faults: readonly string[]) => baseErrors.make("REQUEST_INVALID", { reason: faults.join("; ") });

const home = makeTemporaryHome();
const asked = { runDir: home.runDir, service: "library" };
const app = fastify();
before(async () => {
  installErrorHandler(app);
  serveEndpoint(app, books, ({ params, query }) => ({ shelf: params.id, asked: query }), invalid);
  serveEndpoint(app, addBook, ({ body }) => ({ title: body.title }), invalid);
  serveEndpoint(app, broken, () => ({ number: "many" }), invalid);
  await app.listen({ path: socketPathOf(home.runDir, "library") });
});
after(async () => {
  await app.close();
  rmSync(socketPathOf(home.runDir, "library"), { force: true });
  home.remove();
});

test("what is asked arrives as its schemas read it, whatever characters it has, lists and defaults included", async () => {
  const one = await askEndpoint(asked, books, { params: { id: "high up" }, query: { word: ["a&b", "c d"] } });
  assert.deepEqual(one, { shelf: "high up", asked: { limit: 3, word: ["a&b", "c d"] } });
  const two = await askEndpoint(asked, books, { params: { id: "low" }, query: { limit: 9, word: "x" } });
  assert.deepEqual(two.asked, { limit: 9, word: ["x"] });
  assert.equal(endpointUrl(books, { params: { id: "a" }, query: { limit: 1 } }), "/shelves/a/books?limit=1");
});

test("a body is read and answered with the endpoint's own status", async () => {
  assert.deepEqual(await askEndpoint(asked, addBook, { params: { id: "low" }, body: { title: "Ink" } }), {
    title: "Ink",
  });
  const answer = await app.inject({ method: "POST", url: "/shelves/low/books", payload: { title: "Ink" } });
  assert.equal(answer.statusCode, 201);
});

test("every fault of a request is named with its place, and the handler is not reached", async () => {
  const fault = { kind: "invalid-argument", code: "REQUEST_INVALID", message: /path id: .*; query limit: / };
  await assert.rejects(askEndpoint(asked, books, { params: { id: "UP" }, query: { limit: 10 } }), fault);
  const without = { code: "REQUEST_INVALID", message: /body title: / };
  await assert.rejects(askEndpoint(asked, addBook, { params: { id: "low" }, body: {} as { title: string } }), without);
});

test("a name without a value is a fault, not a zero", async () => {
  const answer = await app.inject("/shelves/low/books?limit=");
  assert.equal(answer.statusCode, 400);
  assert.match(answer.body, /query limit: expected a value but received none/);
});

test("an answer that breaks its schema is ANSWER_INVALID naming the field", async () => {
  await assert.rejects(askEndpoint(asked, broken), { code: "ANSWER_INVALID", message: /number/ });
});

test("endpoints of one path are described side by side, with types from the schemas", () => {
  const document = buildOpenApi({ title: "T", summary: "S", version: "1", endpoints: [books, addBook] });
  const path = (document as unknown as Described).paths["/shelves/{id}/books"];
  assert.ok(path);
  const [id, limit, word] = path.get.parameters;
  assert.deepEqual([id?.required, limit?.required, word?.required], [true, false, false]);
  assert.deepEqual([id?.schema.type, limit?.schema.type], ["string", "integer"]);
  assert.ok(Array.isArray(word?.schema.anyOf));
  assert.deepEqual(Object.keys(path.post.responses), ["201", "default"]);
  assert.ok(path.post.requestBody);
});

test("an endpoint that may have nothing to give says so as 204", () => {
  const cover = defineEndpoint({
    path: "/shelves/:id/cover",
    operationId: "readCover",
    summary: "Its picture",
    params: Shelf,
    answer: { description: "A picture", contentType: "image/jpeg", empty: "It has none" },
  });
  const document = buildOpenApi({ title: "T", summary: "S", version: "1", endpoints: [cover] });
  const { paths } = document as { paths: Record<string, { get: { responses: Record<string, object> } }> };
  const { responses } = paths["/shelves/{id}/cover"]?.get ?? { responses: {} };
  assert.deepEqual(Object.keys(responses), ["200", "204", "default"]);
  assert.deepEqual(responses["204"], { description: "It has none" });
});

interface Described {
  readonly paths: Record<
    string,
    {
      readonly get: { readonly parameters: { required: boolean; schema: { type?: string; anyOf?: object[] } }[] };
      readonly post: { readonly responses: object; readonly requestBody?: object };
    }
  >;
}
