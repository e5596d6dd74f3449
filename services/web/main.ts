/** The web service: API, live view and the page. Composition root. */
import { fileURLToPath } from "node:url";
import { runService, ServiceSocket } from "@lanthorn/base";
import { openCameraDirectory } from "@lanthorn/registry";
import { webConfig } from "./src/config.ts";
import { ResultsHub } from "./src/events/results-hub.ts";
import { StillPictures } from "./src/still-pictures.ts";
import { WebServer } from "./src/web-server.ts";

await runService({
  name: "web",
  config: webConfig,
  modules: (context) => {
    const { clock, log, paths } = context;
    const directory = openCameraDirectory(paths.registryDir, { clock, log });
    const hub = new ResultsHub({ directory, ringPrefix: paths.ringPrefix, clock, log });
    const server = new WebServer(context, {
      clock,
      directory,
      hub,
      pictures: new StillPictures(clock, paths.ringPrefix),
      uiDirectory: fileURLToPath(new URL("./ui/dist", import.meta.url)),
    });
    return [
      directory, // which cameras there are
      hub, // what they saw
      server, // the listener
      new ServiceSocket(context, { status: () => server.status() }), // health, status, metrics
    ];
  },
});
