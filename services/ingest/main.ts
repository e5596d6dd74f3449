/** services/ingest: the cameras' streams into packet rings. */
import { runService, ServiceSocket } from "@lanthorn/base";
import { type IngestStatus, isPrivate } from "@lanthorn/contract";
import { openCameraDirectory, readCameraSecrets, readDeviceKey } from "@lanthorn/registry";
import { CameraFleet } from "./src/camera-fleet.ts";
import { CertificatePins } from "./src/certificate-pins.ts";
import { ingestConfig } from "./src/config.ts";
import { makeSource } from "./src/make-source.ts";
import { registerMetrics } from "./src/metrics.ts";
import { RegistryNotices } from "./src/registry-notices.ts";
import { RingRoom } from "./src/ring-room.ts";
import { SrtPorts } from "./src/srt-ports.ts";

await runService({
  name: "ingest",
  config: ingestConfig,
  modules: (context) => {
    const { clock, config, log, metrics, paths } = context;
    const { latencyMs } = config.srt;
    const { ringPrefix, registryDir, runDir } = paths;
    const deviceKey = readDeviceKey(paths);
    const directory = openCameraDirectory(registryDir, { clock, log });
    const notices = new RegistryNotices({ runDir, clock, log });
    const ports = new SrtPorts({ ...config.srt, clock, log, onNextKey: (camera) => notices.promoteKey(camera) });
    const certificates = new CertificatePins({
      cameras: () => directory.cameras(),
      keep: (camera, sha256) => notices.keepCertificate(camera, sha256),
    });
    const fleet = new CameraFleet({
      list: directory,
      readSecrets: (onUnreadable) => readCameraSecrets(registryDir, deviceKey, onUnreadable),
      setAccess: (entries, own) => ports.setAccess(entries, own),
      isPrivate: (camera) => isPrivate(camera.recording, clock.wallUs()),
      makeSource: (camera, stream, secrets) =>
        makeSource(camera, stream, secrets, { ringPrefix, latencyMs, port: ports, certificates, clock }),
      room: new RingRoom(clock),
      clock,
      log,
    });
    const rejectedCallers = () => ports.rejections.total();
    registerMetrics(metrics, { rows: () => fleet.rows(), ports: () => ports.states(), rejectedCallers });
    const socket = new ServiceSocket(context, {
      status: (): IngestStatus => ({
        service: "ingest",
        srtPort: ports.port(),
        srtPorts: ports.states(),
        cameras: fleet.rows(),
        rejectedCallers: ports.rejections.total(),
      }),
      faults: () => fleet.faults(),
      routes: (app) => app.get("/rejections", () => ports.rejections.list()),
    });
    return [
      directory, // the cameras as the registry says
      notices, // to services/cameras
      ports, // the UDP port is open; nobody may call yet
      fleet, // rings, access table, sources
      socket, // ingest.sock answers
    ];
  },
});
