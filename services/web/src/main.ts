/** The web service: API, live view and the page. Composition root. */
import { fileURLToPath } from "node:url";
import { runService, ServiceSocket } from "@lanthorn/base";
import { openCameraDirectory } from "@lanthorn/registry";
import { webConfig } from "./config.ts";
import { ResultsHub } from "./events/results-hub.ts";
import { StillPictures } from "./still-pictures.ts";
import { WebServer } from "./web-server.ts";

await runService({
  name: "web",
  config: webConfig,
  modules: (context) => {
    const { clock, log, paths } = context;
    const directory = openCameraDirectory(paths.registryDir, { clock });
    const hub = new ResultsHub({ directory, ringPrefix: paths.ringPrefix, clock, log });
    const server = new WebServer(context, {
      clock,
      directory,
      hub,
      pictures: new StillPictures(clock, paths.ringPrefix),
      uiDirectory: fileURLToPath(new URL("../ui/dist", import.meta.url)),
    });
    return [
      { name: "directory", start: (signal) => directory.start(signal), stop: () => directory.stop() }, // which cameras there are
      hub, // what they saw
      server, // the listener
      new ServiceSocket(context, { status: () => server.status() }), // health, status, metrics
    ];
  },
});
