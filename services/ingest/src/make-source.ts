/** Chooses the source that fits how a camera's stream comes. */
import { assertNever, type Clock } from "@lanthorn/base";
import { CAMERA_RINGS, type Camera, type CameraSource, ringName, type StreamName } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import { isSubRecorded } from "./access.ts";
import { FIRST_RING_MIB } from "./ring-size.ts";
import type { Source } from "./source.ts";
import { type CertificateChoice, RtspSource } from "./sources/rtsp/source.ts";
import { SrtCallerSource } from "./sources/srt-caller/source.ts";
import { type ListenerPort, SrtListenerSource } from "./sources/srt-listener/source.ts";
import { streamKey } from "./stream-key.ts";

/** What sources need beside their camera. */
export interface SourceContext {
  readonly ringPrefix: string;
  readonly latencyMs: number;
  readonly port: ListenerPort;
  readonly certificates: CertificateChoice;
  readonly clock: Clock;
}

/** Whether a camera may send this stream: every one that calls us may, another one where it says from where. */
export function hasStream(camera: Camera, stream: StreamName): boolean {
  return stream === "main" || camera.source.kind === "srt-listener" || camera.subSourceUrl !== null;
}

/** Makes the source of a stream that the camera has; it does nothing before start(). */
export function makeSource(
  camera: Camera,
  stream: StreamName,
  secrets: CameraSecrets | undefined,
  context: SourceContext,
): Source {
  const { certificates, clock, latencyMs, port, ringPrefix } = context;
  const cameraId = camera.id;
  const packetRing = ringName(ringPrefix, cameraId, stream === "main" ? "packets" : "packets-sub");
  const wallUs = () => clock.wallUs();
  const ringBytes = CAMERA_RINGS[FIRST_RING_MIB[stream]] * 2 ** 20;
  const common = { cameraId, packetRing, ringBytes };
  const source = sourceOf(camera, stream);
  switch (source.kind) {
    case "srt-listener": {
      const ringFrom = stream === "main" || isSubRecorded(camera) ? "start" : "first-call";
      return new SrtListenerSource({ ...common, key: streamKey(cameraId, stream), ringFrom, port, wallUs });
    }
    case "srt-caller": {
      const passphrase = secrets?.passphrase;
      return new SrtCallerSource({ ...common, url: source.url, passphrase, latencyMs, clock });
    }
    case "rtsp": {
      const { user, password } = secrets ?? {};
      return new RtspSource({ ...common, url: source.url, user, password, certificates, wallUs });
    }
    default:
      return assertNever(source);
  }
}

function sourceOf({ source, subSourceUrl }: Camera, stream: StreamName): CameraSource {
  return stream === "main" || source.kind === "srt-listener" ? source : { ...source, url: subSourceUrl ?? source.url };
}
