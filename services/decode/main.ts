/** services/decode: packet rings into frame rings, as much as readers ask for, and into rings of sound and sensor samples. */
import { runService, ServiceSocket } from "@lanthorn/base";
import { CAMERA_RINGS, ringName } from "@lanthorn/contract";
import { Decoder, SensorDecoder } from "@lanthorn/media";
import { openCameraDirectory } from "@lanthorn/registry";
import { decodeConfig } from "./src/config.ts";
import { DecoderFleet } from "./src/decoder-fleet.ts";
import { registerMetrics } from "./src/metrics.ts";
import { FrameScratchMemory, PreviewMaker } from "./src/previews/preview-maker.ts";
import { PreviewMakers } from "./src/previews/preview-makers.ts";

await runService({
  name: "decode",
  config: decodeConfig,
  modules: (context) => {
    const { clock, config, log, metrics, paths } = context;
    const directory = openCameraDirectory(paths.registryDir, { clock, log });
    const fleet = new DecoderFleet({
      list: directory,
      config: config.decode,
      openDecoder: (cameraId) =>
        Decoder.open({
          packetRing: ringName(paths.ringPrefix, cameraId, "packets"),
          frameRing: ringName(paths.ringPrefix, cameraId, "frames"),
          threads: config.decode.threads,
        }),
      openSensors: (cameraId) =>
        SensorDecoder.open({
          cameraId,
          packetRing: ringName(paths.ringPrefix, cameraId, "packets"),
          audioRing: ringName(paths.ringPrefix, cameraId, "audio"),
          imuRing: ringName(paths.ringPrefix, cameraId, "imu"),
        }),
      clock,
      log,
    });
    const { intervalS, ...picture } = config.previews;
    const scratch = new FrameScratchMemory();
    const previews = new PreviewMakers({
      list: directory,
      clock,
      log,
      openMaker: (camera) =>
        new PreviewMaker({
          ...{ camera, ringPrefix: paths.ringPrefix, clock, ...picture, scratch },
          intervalMs: intervalS * 1000,
          capacityBytes: CAMERA_RINGS.previewsMiB * 2 ** 20,
        }),
    });
    registerMetrics(metrics, () => fleet.rows());
    const socket = new ServiceSocket(context, {
      status: () => ({ service: "decode", cameras: fleet.rows(), previews: previews.rows() }),
      faults: () => fleet.faults(),
    });
    return [
      directory, // the cameras as the registry says
      fleet, // decoders of pictures and of sensors for each enabled camera
      ...(intervalS > 0 ? [previews] : []), // small pictures of what is decoded anyway
      socket, // decode.sock answers
    ];
  },
});
