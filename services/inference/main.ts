/** services/inference: frames in, detections and events out. */
import { fileURLToPath } from "node:url";
import { runService, ServiceSocket } from "@lanthorn/base";
import { openCameraDirectory } from "@lanthorn/registry";
import { CameraFleet } from "./src/cameras/camera-fleet.ts";
import { CameraWorker } from "./src/cameras/camera-worker.ts";
import { inferenceConfig } from "./src/config.ts";
import { EmbeddingHost } from "./src/embedding/embedding-host.ts";
import { ModelHost } from "./src/model-host.ts";
import { InTurnScheduler } from "./src/scheduler/in-turn.ts";
import { EventLatency, inferenceStatus, registerMetrics } from "./src/status.ts";
import { EventIds } from "./src/tracking/event-id.ts";
import { DEFAULT_TRACKER_OPTIONS } from "./src/tracking/tracker-options.ts";

await runService({
  name: "inference",
  config: inferenceConfig,
  modules: (context) => {
    const { clock, config, log, metrics, paths } = context;
    const directory = openCameraDirectory(paths.registryDir, { clock, log });
    const latency = new EventLatency(metrics);
    const eventIds = new EventIds();
    const scheduler = new InTurnScheduler();
    const host = new ModelHost({
      folder: config.motion.pack || fileURLToPath(new URL("./models/motion", import.meta.url)),
      scheduler,
      tracker: { ...DEFAULT_TRACKER_OPTIONS, endMs: config.events.endMs },
      log,
    });
    const { pack } = config.embedding;
    const folder = pack === "colours" ? fileURLToPath(new URL("./models/colours", import.meta.url)) : pack;
    const embedding = pack === "" ? undefined : new EmbeddingHost({ folder, scheduler, clock, log });
    const fleet = new CameraFleet(
      directory,
      (camera) =>
        new CameraWorker({
          ...{ camera, clock, config, embedding, eventIds, log, ringPrefix: paths.ringPrefix },
          model: host.modelName,
          analysis: host.makeAnalysis(eventIds, () => clock.wallUs()),
          onLatency: (ms) => latency.add(ms),
        }),
    );
    registerMetrics(metrics, fleet);
    const parts = { host, embedding, fleet, latency };
    return [
      host, // the model loads before any frame comes
      ...(embedding === undefined ? [] : [embedding]),
      directory,
      fleet, // one worker for each camera
      new ServiceSocket(context, { status: () => inferenceStatus(parts) }),
    ];
  },
});
