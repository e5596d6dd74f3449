/** Routes that the archive answers: its own endpoints under /api, checked here by the same schemas, and passed on. */
import { type Endpoint, endpointUrl } from "@lanthorn/base";
import {
  CANCEL_EXPORT,
  DELETE_CLIP,
  DELETE_EXPORT,
  LIST_CLIPS,
  LIST_EVENTS,
  LIST_EXPORTS,
  LIST_PREVIEWS,
  LIST_SIMILAR_EVENTS,
  MAKE_CLIP,
  MAKE_EXPORT,
  READ_ACTIVITY,
  READ_CLIP,
  READ_EVENT,
  READ_EXPORT,
  READ_EXPORT_FILE,
  READ_EXPORT_KEY,
  READ_EXPORT_ZIP,
  READ_PLAYLIST,
  READ_PLAYLIST_INIT,
  READ_PLAYLIST_PART,
  READ_PREVIEW,
  READ_PREVIEWS,
  READ_RECORDING,
  READ_RETENTION,
  READ_THUMBNAIL,
  READ_TIMELINE,
} from "@lanthorn/contract/archive";
import { z } from "zod";
import type { RecentPictures } from "../events/recent-pictures.ts";
import { proxyToSocket } from "../stream-proxy.ts";
import { type ApiRoute, defineRoute } from "./route.ts";

/** What an owner's page needs; backups and rows of files are for whoever is on the box. */
const PASSED_ON: readonly Endpoint[] = [
  READ_TIMELINE,
  READ_RECORDING,
  READ_PLAYLIST,
  READ_PLAYLIST_INIT,
  READ_PLAYLIST_PART,
  LIST_EVENTS,
  READ_EVENT,
  LIST_SIMILAR_EVENTS,
  READ_ACTIVITY,
  LIST_PREVIEWS,
  READ_PREVIEWS,
  READ_PREVIEW,
  LIST_CLIPS,
  READ_CLIP,
  MAKE_CLIP,
  DELETE_CLIP,
  READ_RETENTION,
  LIST_EXPORTS,
  MAKE_EXPORT,
  READ_EXPORT_KEY,
  READ_EXPORT,
  DELETE_EXPORT,
  CANCEL_EXPORT,
  READ_EXPORT_FILE,
  READ_EXPORT_ZIP,
];

/** The routes. */
export function archiveRoutes(runDir: string, pictures: RecentPictures): ApiRoute[] {
  return [...PASSED_ON.map((endpoint) => passOn(runDir, endpoint)), thumbnailRoute(runDir, pictures)];
}

/** What goes on is what was read: nothing that the schemas did not let through. */
function passOn(runDir: string, endpoint: Endpoint): ApiRoute {
  return {
    ...endpoint,
    path: `/api${endpoint.path}`,
    handle: ({ params, query, body, request, reply }) => {
      const path = endpointUrl(endpoint, { params, query });
      return proxyToSocket({ runDir, service: "archive", path, json: body }, request, reply);
    },
  };
}

function thumbnailRoute(runDir: string, pictures: RecentPictures): ApiRoute {
  return defineRoute({
    ...READ_THUMBNAIL,
    path: `/api${READ_THUMBNAIL.path}`,
    query: z.strictObject({
      version: z.string().max(32).optional().describe("Ignored; makes a newer picture a new address"),
    }),
    handle: ({ params, request, reply }) => {
      const jpeg = pictures.get(params.id);
      if (jpeg !== undefined) {
        // still in memory: the archive may not have stored it yet, and a better one may follow
        return reply.type("image/jpeg").header("cache-control", "no-cache").send(jpeg);
      }
      const path = endpointUrl(READ_THUMBNAIL, { params });
      // what was heard of here exists, although the archive may commit it only seconds later
      const emptyIfMissing = pictures.hasHeard(params.id);
      return proxyToSocket({ runDir, service: "archive", path, emptyIfMissing }, request, reply);
    },
  });
}
