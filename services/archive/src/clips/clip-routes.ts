/** Routes of clips. Described in docs/ref/http.md#archive. */
import { randomUUID } from "node:crypto";
import type { Clock } from "@lanthorn/base";
import { type Clip, type ClipList, ClipRequest } from "@lanthorn/contract";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { archiveErrors } from "../error-codes.ts";
import { read } from "../query.ts";
import type { ClipRow } from "../store/clip-table.ts";
import type { Store } from "../store/store.ts";

/** What these routes answer from. */
export interface ClipSources {
  readonly store: Store;
  readonly clock: Clock;
}

/** Each is looked at for every segment that might be deleted. */
const CLIPS_MAX = 10_000;
const ClipParams = z.object({ id: z.string().min(1).max(64) });

/** Adds the routes. */
export function addClipRoutes(app: FastifyInstance, { store, clock }: ClipSources): void {
  app.post("/clips", (request, reply) => {
    const asked = read(ClipRequest, request.body);
    if (store.clips.list().length >= CLIPS_MAX) {
      throw archiveErrors.make("ARCHIVE_CLIPS_FULL", { max: CLIPS_MAX });
    }
    const clip: ClipRow = { ...asked, id: randomUUID(), createdWallUs: clock.wallUs() };
    store.transaction(() => store.clips.add(clip));
    return reply.status(201).send(withSizes(store, clip));
  });
  app.get("/clips", (): ClipList => ({ clips: store.clips.list().map((clip) => withSizes(store, clip)) }));
  app.get("/clips/:id", (request) => withSizes(store, knownClip(store, read(ClipParams, request.params).id)));
  app.delete("/clips/:id", (request, reply) => {
    const { id } = knownClip(store, read(ClipParams, request.params).id);
    store.transaction(() => store.clips.remove(id));
    return reply.status(204).send();
  });
}

function knownClip(store: Store, id: string): ClipRow {
  const clip = store.clips.byId(id);
  if (clip === undefined) {
    throw archiveErrors.make("ARCHIVE_CLIP_UNKNOWN", { clip: id });
  }
  return clip;
}

function withSizes(store: Store, clip: ClipRow): Clip {
  let [segments, bytes] = [0, 0];
  for (const { id, slug } of store.cameras.list()) {
    if (clip.cameras.includes(slug)) {
      const totals = store.retention.totalsIn(id, clip.fromUs, clip.toUs);
      segments += totals.segments;
      bytes += totals.bytes;
    }
  }
  return { ...clip, cameras: [...clip.cameras], segments, bytes };
}
