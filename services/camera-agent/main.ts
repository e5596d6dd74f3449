/** services/camera-agent: one camera as one process, simulated or from a file, that calls the box over encrypted SRT. */
import {
  createLogger,
  EXIT_CODE_OF_KIND,
  isAborted,
  logLevelFromEnvironment,
  stopsWithStdin,
  systemClock,
  toLanthornError,
} from "@lanthorn/base";
import { type CameraAgentOptions, runStreams } from "./src/camera-agent.ts";
import { readCameraCredentials } from "./src/credentials.ts";
import { type AgentOptions, parseAgentOptions } from "./src/options.ts";
import { makeScene } from "./src/scenes/make-scene.ts";
import { withTone } from "./src/scenes/tone.ts";
import { SimulatedImu } from "./src/sensors/simulated-imu.ts";
import { FileOutput } from "./src/stream/file-output.ts";
import { FileSource } from "./src/stream/file-source.ts";
import { planOf, probeMedia } from "./src/stream/media-probe.ts";
import { SceneSource } from "./src/stream/scene-source.ts";
import type { StreamOutput, StreamSource } from "./src/stream/source.ts";
import { SrtOutput } from "./src/stream/srt-output.ts";
import { TruthWriter } from "./src/truth-writer.ts";

const clock = systemClock;
const log = createLogger("camera-agent", logLevelFromEnvironment());
const stopping = new AbortController();
process.on("SIGTERM", () => stopping.abort());
process.on("SIGINT", () => stopping.abort());
if (stopsWithStdin()) {
  process.stdin.on("end", () => stopping.abort()).on("error", () => stopping.abort());
  process.stdin.resume();
}

try {
  const options = parseAgentOptions(process.argv.slice(2));
  log.setBindings({ camera: options.camera });
  await runStreams(await streamsOf(options), stopping.signal);
} catch (thrown) {
  if (isAborted(thrown)) {
    log.info("stopped");
    process.exit(0);
  }
  const error = toLanthornError(thrown);
  log.fatal({ code: error.code, ...(error.kind === "internal" ? { err: error } : {}) }, error.message);
  process.exit(EXIT_CODE_OF_KIND[error.kind]);
}

async function streamsOf(options: AgentOptions): Promise<CameraAgentOptions[]> {
  const main = { source: await sourceOf(options), output: outputOf(options), clock, log };
  if (options.sub === undefined) {
    return [main];
  }
  const small = { ...options, ...options.sub, truthFile: undefined, hasImu: false };
  return [main, { source: await sourceOf(small, options.sub), output: outputOf(small, "/sub"), clock, log }];
}

/** scaleTo: the size in which a file is sent; scenes are made in theirs. */
async function sourceOf(options: AgentOptions, scaleTo?: AgentOptions["sub"]): Promise<StreamSource> {
  const { source, truthFile, seed, widthPx, heightPx, fps, hasImu, toneHz } = options;
  if (source.kind === "file") {
    const whole = planOf(await probeMedia(source.file));
    const plan = scaleTo === undefined ? whole : { ...whole, copyVideo: false, scaleTo };
    log.info({ file: source.file, ...plan }, "plays a file");
    return new FileSource({ file: source.file, plan, clock, log });
  }
  const made = makeScene(source.scene, seed, { widthPx, heightPx, fps });
  const scene = toneHz === undefined ? made : withTone(made, toneHz);
  const imu = hasImu ? new SimulatedImu(seed, scene.size.fps) : undefined;
  const truth = truthFile === undefined ? undefined : TruthWriter.open(truthFile);
  log.info({ scene: source.scene, ...scene.size, truthFile, hasImu, toneHz }, "plays a scene");
  return new SceneSource({ scene, truth, imu, clock, log });
}

/** suffix: what follows the camera's stream id. */
function outputOf({ target, credentialsFile = "", latencyMs }: AgentOptions, suffix = ""): StreamOutput {
  if (target.kind === "file") {
    return new FileOutput(target.file);
  }
  readCameraCredentials(credentialsFile); // a fault in it is told at once, not at every call
  const credentials = () => {
    const { streamId, passphrase } = readCameraCredentials(credentialsFile);
    return { streamId: streamId + suffix, passphrase };
  };
  return new SrtOutput({ host: target.host, port: target.port, latencyMs, credentials, clock, log });
}
