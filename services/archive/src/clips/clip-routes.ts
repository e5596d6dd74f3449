/** Routes of clips. Described in docs/ref/http.md#archive. */
import { randomUUID } from "node:crypto";
import type { Clock } from "@lanthorn/base";
import type { Clip, ClipList } from "@lanthorn/contract";
import { DELETE_CLIP, LIST_CLIPS, MAKE_CLIP, READ_CLIP } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import { archiveErrors } from "../error-codes.ts";
import { serve } from "../serve.ts";
import type { ClipRow } from "../store/clip-table.ts";
import type { Store } from "../store/store.ts";

/** What these routes answer from. */
export interface ClipSources {
  readonly store: Store;
  readonly clock: Clock;
  /** Names of the cameras of the registry, by id. */
  readonly cameraNames: () => ReadonlyMap<string, string>;
}

/** Each is looked at for every segment that might be deleted. */
const CLIPS_MAX = 10_000;

/** Adds the routes. */
export function addClipRoutes(app: FastifyInstance, { store, clock, cameraNames }: ClipSources): void {
  serve(app, MAKE_CLIP, ({ body }) => {
    requireCameras(body.cameras, new Set([...cameraNames().keys(), ...store.cameras.list().map(({ slug }) => slug)]));
    if (store.clips.list().length >= CLIPS_MAX) {
      throw archiveErrors.make("ARCHIVE_CLIPS_FULL", { max: CLIPS_MAX });
    }
    const clip: ClipRow = { ...body, id: randomUUID(), createdWallUs: clock.wallUs() };
    store.transaction(() => store.clips.add(clip));
    return withSizes(store, clip);
  });
  serve(app, LIST_CLIPS, (): ClipList => ({ clips: store.clips.list().map((clip) => withSizes(store, clip)) }));
  serve(app, READ_CLIP, ({ params }) => withSizes(store, knownClip(store, params.id)));
  serve(app, DELETE_CLIP, ({ params, reply }) => {
    const { id } = knownClip(store, params.id);
    store.transaction(() => store.clips.remove(id));
    return reply.send();
  });
}

/** A clip of a camera that does not exist would keep nothing, and its owner would believe that it does. */
function requireCameras(asked: readonly string[], known: ReadonlySet<string>): void {
  const unknown = asked.filter((camera) => !known.has(camera));
  if (unknown.length > 0) {
    const cameras = known.size === 0 ? "none" : [...known].toSorted().join(", ");
    throw archiveErrors.make("ARCHIVE_CLIP_CAMERA_UNKNOWN", { unknown: unknown.join(", "), cameras });
  }
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
