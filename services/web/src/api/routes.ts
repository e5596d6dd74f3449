/** The routes of the API: what is asked here is answered by whoever owns it. */
import { type Clock, requestJson } from "@lanthorn/base";
import {
  CameraChange,
  CameraList,
  CameraView,
  isPrivate,
  RejectionList,
  type ServiceView,
  SystemStatus,
} from "@lanthorn/contract";
import { askIngest, askRejections, mergeCameras } from "../camera-views.ts";
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
  readonly directory: CameraSet & { refresh(): void };
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
        const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
        return { serverWallUs: clock.wallUs(), timeZone, cameras, rejectedCallers: ingest?.rejectedCallers ?? 0 };
      },
    }),
    defineRoute({
      path: "/api/rejections",
      operationId: "listRejections",
      summary: "Callers that were turned away, and why: a camera with a mistyped passphrase is among them",
      params: Empty,
      query: Empty,
      answer: { description: "At most 50, newest first", contentType: "application/json", schema: RejectionList },
      handle: async (): Promise<RejectionList> => ({
        serverWallUs: clock.wallUs(),
        rejections: await askRejections(runDir),
      }),
    }),
    changeRoute({ runDir, clock, directory }),
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

/** services/cameras checks the whole and stores it; what is answered is what it stored. */
function changeRoute({ runDir, clock, directory }: Pick<ApiSources, "runDir" | "clock" | "directory">): ApiRoute {
  return defineRoute({
    method: "PATCH",
    path: "/api/cameras/:id",
    operationId: "changeCamera",
    summary: "Changes what of a camera is recorded, and how long it is kept",
    params: CameraParams,
    query: Empty,
    body: CameraChange,
    answer: { description: "The camera as it is now", contentType: "application/json", schema: CameraView },
    handle: async ({ params: { id }, body }): Promise<CameraView> => {
      await requestJson(runDir, "cameras", { method: "PATCH", path: `/cameras/${id}`, json: body });
      directory.refresh(); // the next GET, of whomever, knows it
      const ingest = await askIngest(runDir);
      const [view] = mergeCameras(
        directory.cameras().filter((camera) => camera.id === id),
        ingest,
        clock.wallUs(),
      );
      if (view === undefined) {
        throw webErrors.make("WEB_CAMERA_UNKNOWN", { camera: id });
      }
      return view;
    },
  });
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
