/** Chooses the source that fits how a camera's stream comes. */
import { assertNever, type Clock } from "@lanthorn/base";
import { type Camera, ringName } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import type { Source } from "./source.ts";
import { RtspSource } from "./sources/rtsp/source.ts";
import { SrtCallerSource } from "./sources/srt-caller/source.ts";
import { type ListenerPort, SrtListenerSource } from "./sources/srt-listener/source.ts";

/** What sources need beside their camera. */
export interface SourceContext {
  readonly ringPrefix: string;
  readonly latencyMs: number;
  readonly port: ListenerPort;
  readonly clock: Clock;
}

/** Makes a source; it does nothing before start(). */
export function makeSource(camera: Camera, secrets: CameraSecrets | undefined, context: SourceContext): Source {
  const { clock, latencyMs, port, ringPrefix } = context;
  const cameraId = camera.id;
  const packetRing = ringName(ringPrefix, cameraId, "packets");
  const wallUs = () => clock.wallUs();
  const { source } = camera;
  switch (source.kind) {
    case "srt-listener":
      return new SrtListenerSource({ cameraId, packetRing, port, wallUs });
    case "srt-caller": {
      const passphrase = secrets?.passphrase;
      return new SrtCallerSource({ cameraId, packetRing, url: source.url, passphrase, latencyMs, clock });
    }
    case "rtsp": {
      const { user, password } = secrets ?? {};
      return new RtspSource({ cameraId, packetRing, url: source.url, user, password, wallUs });
    }
    default:
      return assertNever(source);
  }
}
