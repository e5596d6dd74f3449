/** The routes of the API: what is asked here is answered by whoever owns it. */
import type { Clock } from "@lanthorn/base";
import { CameraList, isPrivate, type ServiceView, SystemStatus } from "@lanthorn/contract";
import { askIngest, mergeCameras } from "../camera-views.ts";
import { webErrors } from "../error-codes.ts";
import type { CameraSet, ResultsHub } from "../events/results-hub.ts";
import { askServices } from "../service-views.ts";
import type { StillPictures } from "../still-pictures.ts";
import { archiveRoutes } from "./archive-routes.ts";
import { type ApiRoute, defineRoute } from "./route.ts";
import { CameraParams, Empty, PictureQuery } from "./schemas.ts";

/** What the routes answer from. */
export interface ApiSources {
  readonly runDir: string;
  readonly clock: Clock;
  readonly directory: CameraSet;
  readonly hub: ResultsHub;
  readonly pictures: StillPictures;
  /** This service's own row in /api/status. */
  readonly ownView: () => ServiceView;
}

/** All routes but /api/openapi.json, which describes them. */
export function apiRoutes(sources: ApiSources): ApiRoute[] {
  return [...cameraRoutes(sources), ...archiveRoutes(sources.runDir, sources.hub.pictures), systemRoute(sources)];
}

/** Throws WEB_CAMERA_UNKNOWN unless the directory has the camera. */
export function requireCamera(directory: CameraSet, camera: string): void {
  if (!directory.cameras().some(({ id }) => id === camera)) {
    throw webErrors.make("WEB_CAMERA_UNKNOWN", { camera });
  }
}

/** Throws WEB_CAMERA_UNKNOWN, or WEB_CAMERA_PRIVATE: rings still hold the last pictures from before privacy began. */
export function requireShown(directory: CameraSet, camera: string, wallUs: number): void {
  requireCamera(directory, camera);
  if (directory.cameras().some(({ id, recording }) => id === camera && isPrivate(recording, wallUs))) {
    throw webErrors.make("WEB_CAMERA_PRIVATE", { camera });
  }
}

function cameraRoutes({ runDir, clock, directory, pictures }: ApiSources): ApiRoute[] {
  return [
    defineRoute({
      path: "/api/cameras",
      operationId: "listCameras",
      summary: "All cameras and the state of their links",
      params: Empty,
      query: Empty,
      answer: {
        description: "The cameras in the order they were added",
        contentType: "application/json",
        schema: CameraList,
      },
      handle: async (): Promise<CameraList> => {
        const ingest = await askIngest(runDir);
        const cameras = mergeCameras(directory.cameras(), ingest, clock.wallUs());
        return { serverWallUs: clock.wallUs(), cameras, rejectedCallers: ingest?.rejectedCallers ?? 0 };
      },
    }),
    defineRoute({
      path: "/api/cameras/:id/picture.jpg",
      operationId: "readPicture",
      summary: "The newest decoded picture of a camera",
      params: CameraParams,
      query: PictureQuery,
      answer: { description: "A still; X-Capture-Wall-Us tells when it was taken", contentType: "image/jpeg" },
      handle: ({ params, query, reply }) => {
        requireShown(directory, params.id, clock.wallUs());
        const { jpeg, captureWallUs } = pictures.take(params.id, query.widthPx);
        return reply
          .type("image/jpeg")
          .header("cache-control", "no-store")
          .header("x-capture-wall-us", captureWallUs)
          .send(jpeg);
      },
    }),
  ];
}

function systemRoute({ runDir, clock, ownView }: ApiSources): ApiRoute {
  return defineRoute({
    path: "/api/status",
    operationId: "readStatus",
    summary: "Health and status of every service of this box",
    params: Empty,
    query: Empty,
    answer: { description: "One row a service", contentType: "application/json", schema: SystemStatus },
    handle: async (): Promise<SystemStatus> => ({
      serverWallUs: clock.wallUs(),
      services: [...(await askServices(runDir)), ownView()],
    }),
  });
}
