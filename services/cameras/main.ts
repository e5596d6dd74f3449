/** services/cameras: owner and only writer of registry.db. */
import { Gauge, runService, ServiceSocket } from "@lanthorn/base";
import { readDeviceKey } from "@lanthorn/registry";
import { CameraStore } from "./src/camera-store.ts";
import { camerasConfig } from "./src/config.ts";
import { addCameraRoutes } from "./src/routes.ts";

await runService({
  name: "cameras",
  config: camerasConfig,
  modules: (context) => {
    const store = new CameraStore({
      registryDir: context.paths.registryDir,
      deviceKey: () => readDeviceKey(context.paths),
      maxCameras: context.config.maxCameras,
      clock: context.clock,
    });
    new Gauge({
      name: "lanthorn_registry_cameras",
      help: "Cameras registered, enabled or not.",
      registers: [context.metrics],
      collect() {
        this.set(store.list().length);
      },
    });
    const socket = new ServiceSocket(context, {
      status: () => ({ service: "cameras", cameras: store.list() }),
      routes: (app) => addCameraRoutes(app, store),
    });
    return [
      store, // registry.db open, its schema current
      socket, // cameras.sock answers
    ];
  },
});
