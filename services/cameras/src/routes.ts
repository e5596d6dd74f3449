/** What cameras.sock answers beyond /health, /status and /metrics. Shapes: docs/ref/http-cameras.md. */
import type { FastifyInstance } from "fastify";
import type { CameraStore } from "./camera-store.ts";
import { CameraCreate, CameraEnsure, CameraPatch, CameraPath, CertificateSeen, parseRequest } from "./requests.ts";

/** Adds the routes; every answer is JSON, and a secret is in one only at the moment it is made or given. */
export function addCameraRoutes(app: FastifyInstance, store: CameraStore): void {
  app.get("/cameras", () => ({ cameras: store.list() }));

  app.post("/cameras", (request, reply) =>
    reply.status(201).send(store.create(parseRequest(CameraCreate, request.body))),
  );

  app.get("/cameras/:id", (request) => store.get(idOf(request.params)));

  app.put("/cameras/:id", (request, reply) => {
    const id = idOf(request.params);
    const { created, issued } = store.ensure({ id, ...parseRequest(CameraEnsure, request.body) });
    return reply.status(created ? 201 : 200).send(issued);
  });

  app.patch("/cameras/:id", (request) => store.patch(idOf(request.params), parseRequest(CameraPatch, request.body)));

  app.delete("/cameras/:id", (request, reply) => {
    store.remove(idOf(request.params));
    return reply.status(204).send();
  });

  app.post("/cameras/:id/certificate", (request, reply) => {
    store.keepCertificate(idOf(request.params), parseRequest(CertificateSeen, request.body).sha256);
    return reply.status(204).send();
  });

  app.post("/cameras/:id/rekey", (request) => store.rekey(idOf(request.params)));

  app.post("/cameras/:id/rekey/complete", (request, reply) => {
    store.completeRekey(idOf(request.params));
    return reply.status(204).send();
  });
}

function idOf(params: unknown): CameraCreate["id"] {
  return parseRequest(CameraPath, params).id;
}
